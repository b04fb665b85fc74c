import { setTimeout as sleep } from "node:timers/promises";
import type { Bus, ReceivedRecord, Tail, TailOptions } from "@plumbline/bus";
import { header, isPlumblineError, topic } from "@plumbline/contracts";
import { type TrafficItem, itemsOfJson, itemsOfProtobuf } from "./otlp-traffic.ts";

export interface WatchedRecord extends ReceivedRecord {
  items: readonly TrafficItem[];
}

/** What arrives on a topic of spans or logs, decoded. */
export interface TopicWatch {
  readonly records: readonly WatchedRecord[];
  /** How many different ones of these have arrived. */
  arrived(expected: readonly TrafficItem[]): number;
  /** The records that hold any of these. */
  recordsWith(expected: readonly TrafficItem[]): WatchedRecord[];
  close(): Promise<void>;
}

/** Again while Kafka says that it can't tell yet, as it does right after a topic was created. */
async function openTail(bus: Bus, options: TailOptions): Promise<Tail> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await bus.tail(options);
    } catch (error) {
      if (attempt === 20 || !isPlumblineError(error) || error.nextMove !== "retry") throw error;
      await sleep(250);
    }
  }
}

export async function watchTopic(
  bus: Bus,
  name: typeof topic.spans | typeof topic.logs,
): Promise<TopicWatch> {
  const records: WatchedRecord[] = [];
  const spanIds = new Set<string>();
  const type = name === topic.spans ? "Traces" : "Logs";
  const tail = await openTail(bus, {
    topic: name,
    from: "beginning",
    onRecord(record) {
      const isJson = record.headers[header.contentType] === "application/json";
      const items = isJson ? itemsOfJson(record.value) : itemsOfProtobuf(type, record.value);
      records.push({ ...record, items });
      for (const { spanId } of items) spanIds.add(spanId);
    },
  });
  return {
    records,
    arrived: (expected) => expected.filter(({ spanId }) => spanIds.has(spanId)).length,
    recordsWith(expected) {
      const wanted = new Set(expected.map(({ spanId }) => spanId));
      return records.filter(({ items }) => items.some(({ spanId }) => wanted.has(spanId)));
    },
    close: () => tail.close(),
  };
}
