import { accessTokenSchema } from "@plumbline/contracts";
import { maxRecordBytes } from "@plumbline/bus";
import { z } from "zod";

const mebibyte = 1_048_576;
/** Room for key and headers beside the value of a record. */
const recordHeadBytes = 4096;

const port = z.number().int().min(0).max(65_535);
const count = z.number().int().positive();

const limitsSchema = z.strictObject({
  /** Body as it comes over the wire, when it is compressed. */
  maxCompressedBytes: count.default(16 * mebibyte),
  /** Body after decompression, and body that came uncompressed. */
  maxBodyBytes: count.default(64 * mebibyte),
  /** Bodies that are in work at the same time, together; more is answered 429. */
  maxBufferedBytes: count.default(256 * mebibyte),
  /** How many attribute values may stand inside each other; no more than the analyzer decodes. */
  maxDepth: count.max(64).default(32),
  /** Spans or log records of one request. */
  maxItems: count.default(100_000),
  /** Value of one record on the bus; a larger span is rejected. */
  maxRecordBytes: count.max(maxRecordBytes - recordHeadBytes).default(maxRecordBytes - recordHeadBytes),
  /** What one request may become when it is split by trace, each part with its own copy of the resource. */
  maxForwardedBytes: count.default(128 * mebibyte),
  maxConnections: count.default(10_000),
  /** From the first byte of a request to its last. */
  requestTimeoutMs: count.default(60_000),
  headersTimeoutMs: count.default(10_000),
});
export type ReceiveLimits = z.infer<typeof limitsSchema>;

const gatewaySchema = z.strictObject({
  /** Time between two comment lines on a quiet stream. */
  keepAliveMs: count.default(10_000),
  /** A stream that takes nothing for so long is closed. */
  slowClientMs: count.default(30_000),
  maxStreams: count.default(10_000),
});
export type GatewaySettings = z.infer<typeof gatewaySchema>;

/** What the collector is configured with; every field has a default. */
export const collectorSettingsSchema = z.strictObject({
  host: z.string().min(1).default("127.0.0.1"),
  /** OTLP/HTTP, control gateway, metrics and health; 0 takes any free port. */
  httpPort: port.default(4318),
  /** OTLP/gRPC; null switches it off. */
  grpcPort: port.nullable().default(4317),
  /** Without tokens only requests from this machine are served. */
  tokens: z.array(accessTokenSchema).default([]),
  limits: limitsSchema.prefault({}),
  gateway: gatewaySchema.prefault({}),
  /** How long requests in work may take to end at a shutdown. */
  drainMs: count.default(10_000),
});
/** What a person writes; the parsed form is {@link CollectorSettings}. */
export type CollectorConfig = z.input<typeof collectorSettingsSchema>;
export type CollectorSettings = z.infer<typeof collectorSettingsSchema>;
