import type { TopicSpec, Urgency } from "@plumbline/contracts";

/** A record to publish. Key null spreads records over partitions; a given `partition` overrides the key's. */
export interface BusRecord {
  key: string | null;
  /** Empty bytes in a compacted topic remove the key. */
  value: Uint8Array;
  headers?: Readonly<Record<string, string>>;
  partition?: number;
}

export interface ReceivedRecord {
  topic: string;
  partition: number;
  offset: number;
  key: string | null;
  value: Uint8Array;
  headers: Readonly<Record<string, string>>;
  /** When the bus took it. */
  timestampMs: number;
  /** Why the record could not be unpacked (an unknown compression, say); then `value` is what was stored, as far as it is known. Absent when all is well. */
  unreadable?: string;
}

export interface Position {
  topic: string;
  partition: number;
  offset: number;
}

/** What a group remembers of a partition: the next offset to read, and a note of up to 4 KiB (a planned range, say). */
export interface Commit {
  offset: number;
  metadata: string;
}

export interface Batch {
  topic: string;
  /** In offset order, at least one. */
  records: readonly ReceivedRecord[];
  /** Offset that the next published record of this partition would get; the lag is its distance to the last record. */
  endOffset: number;
}

/** One partition number of all topics of the group, owned until `signal` aborts: after the worker's `close`, or as soon as somebody else owns it. */
export interface Assignment {
  partition: number;
  /** By topic; absent when the group never committed there. */
  committed: ReadonlyMap<string, Commit>;
  /** Rejects with a RetryableError when the partition is no longer ours: drop what was being done. */
  commit(topic: string, commit: Commit): Promise<void>;
  /** Has {@link PartitionWorker.takes} asked again, because its answer may be another now. */
  wake(): void;
  signal: AbortSignal;
}

/** What a group does with one partition number. Batches arrive one at a time and in order. */
export interface PartitionWorker {
  /** Where to read from instead of the committed offset; absent topics start where they were committed, else at the beginning. */
  startAt?: ReadonlyMap<string, number>;
  /**
   * Asked before each batch. False leaves the topic's records on the log, while the other topics go on, until the worker
   * says by {@link Assignment.wake} that it may be asked again. Without it every topic is taken.
   */
  takes?(topic: string): boolean;
  /**
   * How the topic's records, as things stand now, stand to those of the others and to other work of this process. Without it
   * they are prompt.
   */
  urgencyOf?(topic: string): Urgency;
  /**
   * A rejection delivers the same records again after a pause that grows; nothing later of their topic is delivered
   * before, other topics go on.
   */
  onBatch(batch: Batch): Promise<void>;
  /** The partition is leaving, or the bus closes. Commits are still taken, unless somebody else owns the partition already. */
  close(): Promise<void>;
}

export interface ConsumeOptions {
  group: string;
  /** All with the same number of partitions: one worker owns the same partition number of each. */
  topics: readonly string[];
  /** Called for each partition number that this member comes to own. A rejection is tried again after a pause that grows. */
  open(assignment: Assignment): Promise<PartitionWorker>;
  /** Upper bounds of one batch. Defaults: 500 records, 4 MiB. A function is asked before each batch. */
  maxBatchRecords?: number | (() => number);
  maxBatchBytes?: number;
}

export interface Consumption {
  /** Stops delivery until {@link Consumption.resume}; ownership stays. */
  pause(): void;
  resume(): void;
  /** Waits for batches in work, which may still publish and commit, closes the workers, leaves the group. */
  close(): Promise<void>;
}

export interface TailOptions {
  topic: string;
  /** All partitions when absent. */
  partitions?: readonly number[];
  /** `beginning` of what is kept, or only what comes `now`. */
  from: "beginning" | "now";
  onRecord(record: ReceivedRecord): void;
}

/** Reads without a group: every tail sees every record. */
export interface Tail {
  /** Resolves once everything that stood in the topic when the tail began has been delivered; rejects when it is closed before. */
  caughtUp: Promise<void>;
  close(): Promise<void>;
}

/**
 * The log that connects the stages. Order holds per partition, and per key because a key has one partition (murmur2,
 * as kafkajs and the Collector's murmur2 hasher have it). Delivery is at least once.
 */
export interface Bus {
  /** Creates what is missing; an existing topic keeps its partition count. */
  createTopics(specs: readonly TopicSpec[]): Promise<void>;
  /**
   * Resolves when the records are durable, and may have been read by then; rejects with a RetryableError when the bus is full,
   * unreachable, or can't say that they are.
   */
  publish(topic: string, records: readonly BusRecord[]): Promise<readonly Position[]>;
  consume(options: ConsumeOptions): Promise<Consumption>;
  tail(options: TailOptions): Promise<Tail>;
  partitionCount(topic: string): Promise<number>;
  /** Proves that the bus can be written and read; the reason when it can't. */
  check(): Promise<void>;
  close(): Promise<void>;
}
