import type { Bus, ConsumeOptions, PartitionWorker } from "@plumbline/bus";
import { topic } from "@plumbline/contracts";

/** A bus that knows how much of what was published has been consumed. */
export interface WatchedBus extends Bus {
  /** Records published so far, by topic. */
  published: Map<string, number>;
  /** Records that some group has done with, by topic. */
  consumed: Map<string, number>;
  /** Bytes of the last snapshot of each run, by key. */
  snapshotBytes: Map<string, number>;
}

const add = (counts: Map<string, number>, name: string, count: number): void =>
  void counts.set(name, (counts.get(name) ?? 0) + count);

/** Wraps a bus. Snapshots are measured and dropped when `dropSnapshots` is set, so that they take no memory. */
export function watchBus(bus: Bus, { dropSnapshots }: { dropSnapshots: boolean }): WatchedBus {
  const published = new Map<string, number>();
  const consumed = new Map<string, number>();
  const snapshotBytes = new Map<string, number>();
  const watched = (worker: PartitionWorker): PartitionWorker => ({
    ...(worker.startAt !== undefined && { startAt: worker.startAt }),
    takes: (name) => worker.takes?.(name) ?? true,
    isUrgent: (name) => worker.isUrgent?.(name) ?? false,
    async onBatch(batch) {
      await worker.onBatch(batch);
      add(consumed, batch.topic, batch.records.length);
    },
    close: () => worker.close(),
  });
  return {
    published,
    consumed,
    snapshotBytes,
    createTopics: (specs) => bus.createTopics(specs),
    async publish(name, records) {
      if (name === topic.runSnapshots) {
        for (const { key, value } of records) if (key !== null) snapshotBytes.set(key, value.byteLength);
        if (dropSnapshots) return records.map((_record, offset) => ({ topic: name, partition: 0, offset }));
      }
      add(published, name, records.length);
      return bus.publish(name, records);
    },
    consume: (options: ConsumeOptions) =>
      bus.consume({ ...options, open: async (assignment) => watched(await options.open(assignment)) }),
    tail: (options) => bus.tail(options),
    partitionCount: (name) => bus.partitionCount(name),
    check: () => bus.check(),
    close: () => bus.close(),
  };
}
