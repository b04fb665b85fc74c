import type { Clock } from "@plumbline/contracts";
import type { Batch, Commit } from "../bus.ts";
import type { BatchLimits, PartitionSource, TopicReader } from "../delivery/partition-source.ts";
import type { WakeUp } from "../delivery/wake-up.ts";
import type { PartitionPlace, RecordLog } from "./record-log.ts";
import type { WakeUpRegistry } from "./wake-up-registry.ts";

export interface LocalSourceSettings {
  log: RecordLog;
  wakeUps: WakeUpRegistry;
  clock: Clock;
  group: string;
  topics: readonly string[];
  partition: number;
}

/** Reads one partition number of a log in this process. */
export class LocalSource implements PartitionSource {
  readonly #settings: LocalSourceSettings;
  #removals: (() => void)[] = [];

  constructor(settings: LocalSourceSettings) {
    this.#settings = settings;
  }

  async committed(): Promise<ReadonlyMap<string, Commit>> {
    const { log, group, topics, partition } = this.#settings;
    const committed = new Map<string, Commit>();
    for (const topic of topics) {
      const commit = log.commitOf({ group, topic, partition });
      if (commit !== undefined) committed.set(topic, commit);
    }
    return Promise.resolve(committed);
  }

  async begin(starts: ReadonlyMap<string, number>, wakeUp: WakeUp): Promise<readonly TopicReader[]> {
    const { log, wakeUps, topics, partition } = this.#settings;
    this.#removals = topics.map((topic) => wakeUps.add({ topic, partition }, wakeUp));
    return Promise.resolve(
      topics.map((topic) => new LogReader(log, { topic, partition }, starts.get(topic) ?? 0)),
    );
  }

  async commit(topic: string, commit: Commit): Promise<void> {
    const { log, clock, group, partition } = this.#settings;
    await log.commit({ group, topic, partition, commit, atMs: clock.nowMs() });
  }

  end(): void {
    for (const remove of this.#removals) remove();
  }
}

class LogReader implements TopicReader {
  readonly topic: string;
  readonly #log: RecordLog;
  readonly #place: PartitionPlace;
  #position: number;

  constructor(log: RecordLog, place: PartitionPlace, position: number) {
    this.topic = place.topic;
    this.#log = log;
    this.#place = place;
    this.#position = position;
  }

  get hasMore(): boolean {
    return this.#log.extent(this.#place).endOffset > this.#position;
  }

  read(limits: BatchLimits): Batch | undefined {
    const records = this.#log.read({ ...this.#place, fromOffset: this.#position, ...limits });
    const last = records.at(-1);
    if (last === undefined) return undefined;
    this.#position = last.offset + 1;
    return { topic: this.topic, records, endOffset: this.#log.extent(this.#place).endOffset };
  }
}
