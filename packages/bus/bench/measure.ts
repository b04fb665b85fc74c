import { systemClock } from "@plumbline/contracts";
import type { Bus } from "../src/index.ts";

/** Milliseconds with fractions; only differences mean something. */
const nowMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const value = new Uint8Array(1024).fill(120);

export interface Load {
  records: number;
  perPublish: number;
  publishers: number;
}

export interface BusFigures {
  /** 1 KB records published by 4 publishers, 500 at a time, and consumed and committed in batches at the same time. */
  recordsPerSecond500: number;
  /** The same with 32 publishers, 20 at a time. */
  recordsPerSecond20: number;
  /** From `publish` to `onBatch`, one record at a time, every 5 ms. */
  publishToBatchMs: { p50: number; p99: number };
}

/** Measures a bus with topics and groups of its own; `name` keeps runs on one broker apart. */
export async function measureBus(bus: Bus, name: string): Promise<BusFigures> {
  const single = await latencies(bus, { topic: `${name}-latency`, count: 500 });
  const at = (share: number): number => Number((single[Math.floor(single.length * share)] ?? 0).toFixed(2));
  const large = { records: 200_000, perPublish: 500, publishers: 4 };
  const small = { records: 100_000, perPublish: 20, publishers: 32 };
  return {
    recordsPerSecond500: await throughput(bus, `${name}-500`, large),
    recordsPerSecond20: await throughput(bus, `${name}-20`, small),
    publishToBatchMs: { p50: at(0.5), p99: at(0.99) },
  };
}

async function consumeAll(bus: Bus, topic: string, onRecords: (count: number) => void): Promise<void> {
  const opened = Promise.withResolvers<void>();
  await bus.consume({
    group: topic,
    topics: [topic],
    open: async ({ commit }) => {
      opened.resolve();
      return Promise.resolve({
        onBatch: async ({ records }) => {
          onRecords(records.length);
          await commit(topic, { offset: (records.at(-1)?.offset ?? 0) + 1, metadata: "" });
        },
        close: async () => Promise.resolve(),
      });
    },
  });
  await opened.promise;
}

async function throughput(
  bus: Bus,
  topic: string,
  { records, perPublish, publishers }: Load,
): Promise<number> {
  await bus.createTopics([{ name: topic, partitions: 6, cleanup: "delete", retentionMs: null }]);
  const done = Promise.withResolvers<void>();
  let left = records;
  await consumeAll(bus, topic, (count) => {
    left -= count;
    if (left === 0) done.resolve();
  });
  const startMs = nowMs();
  let next = 0;
  const publish = async (): Promise<void> => {
    while (next < records) {
      const first = next;
      next += perPublish;
      const batch = Array.from({ length: perPublish }, (_, index) => ({
        key: `trace-${String(first + index)}`,
        value,
      }));
      await bus.publish(topic, batch);
    }
  };
  await Promise.all(Array.from({ length: publishers }, publish));
  await done.promise;
  return Math.round(records / ((nowMs() - startMs) / 1000));
}

async function latencies(bus: Bus, { topic, count }: { topic: string; count: number }): Promise<number[]> {
  await bus.createTopics([{ name: topic, partitions: 1, cleanup: "delete", retentionMs: null }]);
  let arrived = (): void => undefined;
  await consumeAll(bus, topic, () => {
    arrived();
  });
  const measured: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await systemClock.sleep(5);
    const startMs = nowMs();
    const arrival = new Promise<number>((resolve) => {
      arrived = () => {
        resolve(nowMs() - startMs);
      };
    });
    await bus.publish(topic, [{ key: "k", value }]);
    measured.push(await arrival);
  }
  return measured.sort((a, b) => a - b);
}
