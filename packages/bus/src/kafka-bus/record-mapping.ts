import type { IHeaders, KafkaMessage, Message } from "kafkajs";
import type { ReceivedRecord } from "../bus.ts";
import type { PlacedRecord } from "../publishing/placement.ts";
import { unreadableHeader } from "./unreadable-records.ts";

export interface MessageContext {
  compacted: boolean;
  timestampMs: number;
}

/** In compacted topics an empty value becomes Kafka's removal marker. */
export function messageOfRecord(record: PlacedRecord, { compacted, timestampMs }: MessageContext): Message {
  const { key, value, headers, partition } = record;
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return {
    key,
    value: compacted && bytes.byteLength === 0 ? null : bytes,
    headers: { ...headers },
    partition,
    timestamp: String(timestampMs),
  };
}

export interface MessagePlace {
  topic: string;
  partition: number;
}

export function recordOfMessage({ topic, partition }: MessagePlace, message: KafkaMessage): ReceivedRecord {
  const { [unreadableHeader]: unreadable, ...headers } = textHeaders(message.headers ?? {});
  const record: ReceivedRecord = {
    topic,
    partition,
    offset: Number(message.offset),
    key: message.key === null ? null : message.key.toString("utf8"),
    value: message.value ?? new Uint8Array(0),
    headers,
    timestampMs: Number(message.timestamp),
  };
  return unreadable === undefined ? record : { ...record, unreadable };
}

/** Of a header that comes more than once the last one holds. */
function textHeaders(headers: IHeaders): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts[name] = typeof last === "string" ? last : last.toString("utf8");
  }
  return texts;
}
