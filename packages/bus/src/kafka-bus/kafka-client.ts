import type * as kafkajs from "kafkajs";
import { SetupError } from "@plumbline/contracts";
import { registerCodecs } from "./codecs.ts";
import type { KafkaBusOptions, KafkaLogEntry, KafkaSasl } from "./kafka-options.ts";
import { mendKafkajs } from "./mended-kafkajs.ts";
import { promptSocket } from "./prompt-socket.ts";

/** 30 tries, at most a second apart: a broker that restarts is waited for; one that is gone is reported after half a minute. */
const retry: kafkajs.RetryOptions = { retries: 30, initialRetryTime: 100, maxRetryTime: 1000 };

/** The CommonJS module itself. */
export type Kafkajs = typeof kafkajs.default;

export interface KafkaClient {
  kafkajs: Kafkajs;
  kafka: kafkajs.Kafka;
  retry: kafkajs.RetryOptions;
}

/**
 * Loads kafkajs and its codecs and makes a client; nothing is connected yet.
 * @throws SetupError when kafkajs is not installed
 */
export async function loadKafkaClient(options: KafkaBusOptions): Promise<KafkaClient> {
  const library = await loadLibrary();
  await registerCodecs(library, options.lz4);
  await mendKafkajs();
  const { brokers, clientId = "plumbline", tls, sasl, onLog } = options;
  const kafka = new library.Kafka({
    brokers: [...brokers],
    clientId,
    retry,
    connectionTimeout: 3000,
    socketFactory: promptSocket,
    logLevel: onLog === undefined ? library.logLevel.NOTHING : library.logLevel.INFO,
    logCreator: () => (entry) => onLog?.(logEntry(entry)),
    ...(tls === undefined ? {} : { ssl: tls }),
    ...(sasl === undefined ? {} : { sasl: saslOptions(sasl) }),
  });
  return { kafkajs: library, kafka, retry };
}

async function loadLibrary(): Promise<Kafkajs> {
  try {
    const { default: library } = await import("kafkajs");
    return library;
  } catch (cause) {
    throw new SetupError("The Kafka bus needs the package kafkajs, which is not installed.", {
      code: "PACKAGE_MISSING",
      mend: "npm install kafkajs@2.2.4",
      cause,
    });
  }
}

function saslOptions(sasl: KafkaSasl): kafkajs.SASLOptions {
  if (sasl.mechanism !== "oauthbearer") return sasl;
  return { mechanism: "oauthbearer", oauthBearerProvider: async () => ({ value: await sasl.token() }) };
}

const levels: Readonly<Record<number, KafkaLogEntry["level"]>> = {
  1: "error",
  2: "warn",
  4: "info",
  5: "debug",
};

function logEntry({ namespace, level, log }: kafkajs.LogEntry): KafkaLogEntry {
  const { message, timestamp: _, ...details } = log as Readonly<Record<string, unknown>>;
  return { level: levels[level] ?? "info", message: `${namespace}: ${String(message)}`, details };
}
