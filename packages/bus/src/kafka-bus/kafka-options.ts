import type { ConnectionOptions } from "node:tls";
import type { Clock, IdSource } from "@plumbline/contracts";
import type { RedeliveryPauses, ReportFailure } from "../delivery-failure.ts";
import type { CompressionCodec } from "./codecs.ts";

export type KafkaSasl =
  | { mechanism: "plain" | "scram-sha-256" | "scram-sha-512"; username: string; password: string }
  | { mechanism: "oauthbearer"; token: () => Promise<string> };

export interface KafkaLogEntry {
  level: "error" | "warn" | "info" | "debug";
  message: string;
  details: Readonly<Record<string, unknown>>;
}

export interface KafkaBusOptions {
  /** `host:port`, at least one. */
  brokers: readonly string[];
  /** Default: `plumbline`. */
  clientId?: string;
  /** TLS: true, or the options of `node:tls`. */
  tls?: boolean | ConnectionOptions;
  sasl?: KafkaSasl;
  /** Of topics that the bus creates. Default: 3, or as many brokers as there are when fewer. */
  replicationFactor?: number;
  /** Of what the bus publishes. Default: zstd for what is large enough to be worth it, none for the rest. */
  compression?: "none" | "gzip" | "snappy" | "zstd";
  /** Reads and writes lz4, which is not built in. */
  lz4?: CompressionCodec;
  /** After so long without a heartbeat a member's partitions go to others. Default: 8 s. */
  sessionTimeoutMs?: number;
  /** How long the first connection is tried for. Default: about 30 s. */
  connectWithinMs?: number;
  /** Publishing to a topic is refused while more than this waits there for the brokers. Default: 64 MiB. */
  maxQueuedBytes?: number;
  /** Default: 100 ms, doubled up to 10 s. */
  redelivery?: Partial<RedeliveryPauses>;
  clock?: Clock;
  ids?: IdSource;
  /** Told of every failure that the bus survived. Default: nobody. */
  onFailure?: ReportFailure;
  /** Told what the Kafka client has to say. Default: nobody. */
  onLog?: (entry: KafkaLogEntry) => void;
}
