/** Measures the SQLite bus: publish and consume of 1 KB records at once, and the way of a single record. Prints JSON. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@plumbline/contracts";
import { type Bus, createSqliteBus } from "../src/index.ts";

const nowMs = (): number => performance.timeOrigin + performance.now();
const value = new Uint8Array(1024).fill(120);

async function consumeAll(bus: Bus, topic: string, onRecords: (count: number) => void): Promise<void> {
  await bus.consume({
    group: `bench-${topic}`,
    topics: [topic],
    open: async ({ commit }) =>
      Promise.resolve({
        onBatch: async ({ records }) => {
          onRecords(records.length);
          await commit(topic, { offset: (records.at(-1)?.offset ?? 0) + 1, metadata: "" });
        },
        close: async () => Promise.resolve(),
      }),
  });
}

async function throughput(
  bus: Bus,
  { records, perPublish, publishers }: { records: number; perPublish: number; publishers: number },
): Promise<number> {
  const topic = `throughput-${String(perPublish)}`;
  await bus.createTopics([{ name: topic, partitions: 6, cleanup: "delete", retentionMs: null }]);
  const done = Promise.withResolvers<void>();
  let left = records;
  await consumeAll(bus, topic, (count) => {
    left -= count;
    if (left === 0) done.resolve();
  });
  const startMs = nowMs();
  const batches = records / perPublish;
  let next = 0;
  const publish = async (): Promise<void> => {
    while (next < batches) {
      const batch = next;
      next += 1;
      await bus.publish(
        topic,
        Array.from({ length: perPublish }, (_, index) => ({
          key: `trace-${String(batch * perPublish + index)}`,
          value,
        })),
      );
    }
  };
  await Promise.all(Array.from({ length: publishers }, publish));
  await done.promise;
  return Math.round(records / ((nowMs() - startMs) / 1000));
}

async function latencies(bus: Bus, count: number): Promise<number[]> {
  const topic = "latency";
  await bus.createTopics([{ name: topic, partitions: 1, cleanup: "delete", retentionMs: null }]);
  let arrived = (): void => undefined;
  await consumeAll(bus, topic, () => arrived());
  const measured: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await systemClock.sleep(5);
    const startMs = nowMs();
    const arrival = new Promise<number>((resolve) => {
      arrived = () => resolve(nowMs() - startMs);
    });
    await bus.publish(topic, [{ key: "k", value }]);
    measured.push(await arrival);
  }
  return measured.sort((a, b) => a - b);
}

const directory = mkdtempSync(join(tmpdir(), "plumbline-bench-"));
const bus = await createSqliteBus({ directory });
const single = await latencies(bus, 300);
const at = (share: number): number => Number((single[Math.floor(single.length * share)] ?? 0).toFixed(2));
const result = {
  recordsPerSecond500: await throughput(bus, { records: 200_000, perPublish: 500, publishers: 4 }),
  recordsPerSecond20: await throughput(bus, { records: 100_000, perPublish: 20, publishers: 32 }),
  publishToBatchMs: { p50: at(0.5), p99: at(0.99) },
};
process.stdout.write(`${JSON.stringify(result)}\n`);
await bus.close();
rmSync(directory, { recursive: true });
