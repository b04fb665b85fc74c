import type { Batch, Commit } from "../bus.ts";
import type { WakeUp } from "./wake-up.ts";

/** Bounds of one batch. */
export interface BatchLimits {
  maxRecords: number;
  maxBytes: number;
}

/** Reads one topic of one partition number, forward only. */
export interface TopicReader {
  readonly topic: string;
  /** Whether there is a record to read. */
  readonly hasMore: boolean;
  /** The next records, each once; undefined when none is there yet. */
  read(limits: BatchLimits): Batch | undefined;
}

/** Where a delivery gets the records of one partition number from, and where its commits go. */
export interface PartitionSource {
  committed(): Promise<ReadonlyMap<string, Commit>>;
  /** Begins at the given offsets; topics without one begin at the beginning of what is kept. Raises `wakeUp` whenever there is more. */
  begin(starts: ReadonlyMap<string, number>, wakeUp: WakeUp): Promise<readonly TopicReader[]>;
  /** Gives up when `signal` aborts, because the partition is somebody else's then. */
  commit(topic: string, commit: Commit, signal: AbortSignal): Promise<void>;
  /** Nothing is read any more. */
  end(): void;
}
