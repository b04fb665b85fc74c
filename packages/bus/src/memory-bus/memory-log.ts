import type { TopicSpec } from "@plumbline/contracts";
import type { Commit, Position, ReceivedRecord } from "../bus.ts";
import type {
  AppendRequest,
  DropRequest,
  Extent,
  GroupCommit,
  PartitionPlace,
  ReadRequest,
  RecordLog,
} from "../local-bus/record-log.ts";
import { MemoryPartition } from "./memory-partition.ts";

const commitKey = (entry: PartitionPlace & { group: string }): string =>
  JSON.stringify([entry.group, entry.topic, entry.partition]);

/** Keeps records and commits as long as the process lives. */
export class MemoryLog implements RecordLog {
  readonly #topics = new Map<string, TopicSpec>();
  readonly #partitions = new Map<string, readonly MemoryPartition[]>();
  readonly #commits = new Map<string, GroupCommit>();

  topics(): ReadonlyMap<string, TopicSpec> {
    return this.#topics;
  }

  addTopic(spec: TopicSpec): void {
    this.#topics.set(spec.name, spec);
    const partitions = Array.from(
      { length: spec.partitions },
      () => new MemoryPartition(spec.cleanup === "compact"),
    );
    this.#partitions.set(spec.name, partitions);
  }

  async append({ topic, records, timestampMs, onReadable }: AppendRequest): Promise<readonly Position[]> {
    const positions = records.map((record) => {
      const { partition } = record;
      const offset = this.#partition({ topic, partition }).append({ ...record, topic, timestampMs });
      return { topic, partition, offset };
    });
    onReadable();
    return Promise.resolve(positions);
  }

  read(request: ReadRequest): ReceivedRecord[] {
    return this.#partition(request).read(request);
  }

  extent(place: PartitionPlace): Extent {
    return this.#partition(place).extent();
  }

  bytesFrom(place: PartitionPlace, offset: number): number {
    return this.#partition(place).bytesFrom(offset);
  }

  commits(): Iterable<GroupCommit> {
    return this.#commits.values();
  }

  commitOf(place: PartitionPlace & { group: string }): Commit | undefined {
    return this.#commits.get(commitKey(place))?.commit;
  }

  async commit(entry: GroupCommit): Promise<void> {
    this.#commits.set(commitKey(entry), entry);
    await Promise.resolve();
  }

  drop(request: DropRequest): number {
    return this.#partition(request).drop(request);
  }

  dropRemovals(place: PartitionPlace, beforeTimestampMs: number): number {
    return this.#partition(place).dropRemovals(beforeTimestampMs);
  }

  async check(): Promise<void> {
    await Promise.resolve();
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  #partition({ topic, partition }: PartitionPlace): MemoryPartition {
    const found = this.#partitions.get(topic)?.[partition];
    if (found === undefined) throw new RangeError(`No partition ${String(partition)} of topic ${topic}.`);
    return found;
  }
}
