import type { Bus, ConsumeOptions, PartitionWorker, ReceivedRecord } from "@plumbline/bus";
import { topic } from "@plumbline/contracts";

/** A bus that knows how much of what was published has been consumed. */
export interface WatchedBus extends Bus {
  /** Records published so far, by topic. */
  published: Map<string, number>;
  /** Records that some group has done with, by topic. */
  consumed: Map<string, number>;
  /** The last snapshot of each run, by key. */
  snapshots(): Promise<Map<string, ReceivedRecord>>;
}

const add = (counts: Map<string, number>, name: string, count: number): void =>
  void counts.set(name, (counts.get(name) ?? 0) + count);

async function snapshotsOn(bus: Bus): Promise<Map<string, ReceivedRecord>> {
  const snapshots = new Map<string, ReceivedRecord>();
  const tail = await bus.tail({
    topic: topic.runSnapshots,
    from: "beginning",
    onRecord: (record) => void (record.key !== null && snapshots.set(record.key, record)),
  });
  await tail.caughtUp;
  await tail.close();
  return snapshots;
}

export function watchBus(bus: Bus): WatchedBus {
  const published = new Map<string, number>();
  const consumed = new Map<string, number>();
  const watched = (worker: PartitionWorker): PartitionWorker => ({
    ...(worker.startAt !== undefined && { startAt: worker.startAt }),
    takes: (name) => worker.takes?.(name) ?? true,
    urgencyOf: (name) => worker.urgencyOf?.(name) ?? "prompt",
    async onBatch(batch) {
      await worker.onBatch(batch);
      add(consumed, batch.topic, batch.records.length);
    },
    close: () => worker.close(),
  });
  return {
    published,
    consumed,
    snapshots: () => snapshotsOn(bus),
    createTopics: (specs) => bus.createTopics(specs),
    async publish(name, records) {
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
