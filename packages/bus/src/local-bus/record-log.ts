import type { TopicSpec } from "@plumbline/contracts";
import type { Commit, Position, ReceivedRecord } from "../bus.ts";
import type { PlacedRecord } from "../publishing/placement.ts";

export interface AppendRequest {
  topic: string;
  records: readonly PlacedRecord[];
  timestampMs: number;
  /** Called as soon as the records can be read, which may be before they are answered for. */
  onReadable: () => void;
}

export interface PartitionPlace {
  topic: string;
  partition: number;
}

export interface ReadRequest extends PartitionPlace {
  fromOffset: number;
  maxRecords: number;
  /** At least one record is returned, however large. */
  maxBytes: number;
}

export interface Extent {
  /** Smallest offset still kept; equal to `endOffset` when nothing is. */
  beginOffset: number;
  endOffset: number;
  /** Of the kept records. */
  bytes: number;
}

export interface GroupCommit extends PartitionPlace {
  group: string;
  commit: Commit;
  /** When it was committed. */
  atMs: number;
}

/** Takes the oldest records away; both bounds hold. */
export interface DropRequest extends PartitionPlace {
  /** Nothing at or after this offset goes. */
  beforeOffset: number;
  /** Nothing taken in at or after this time goes; infinite for no bound. */
  beforeTimestampMs: number;
  /** Stops once this many bytes are gone; infinite for no bound. */
  maxBytes: number;
}

/**
 * Where an in-process bus keeps records and commits. Reads are synchronous and see only what a dead process leaves behind;
 * writes resolve once they are such. Topics and partitions named in calls exist.
 */
export interface RecordLog {
  topics(): ReadonlyMap<string, TopicSpec>;
  addTopic(spec: TopicSpec): void;
  append(request: AppendRequest): Promise<readonly Position[]>;
  read(request: ReadRequest): ReceivedRecord[];
  extent(place: PartitionPlace): Extent;
  /** Bytes of the records from an offset to the end. */
  bytesFrom(place: PartitionPlace, offset: number): number;
  commits(): Iterable<GroupCommit>;
  commitOf(place: PartitionPlace & { group: string }): Commit | undefined;
  commit(entry: GroupCommit): Promise<void>;
  /** Returns how many records went; bounded work per call, so call until it returns 0. */
  drop(request: DropRequest): number;
  /** Takes removal markers of a compacted topic away that are older; returns how many, bounded like {@link RecordLog.drop}. */
  dropRemovals(place: PartitionPlace, beforeTimestampMs: number): number;
  check(): Promise<void>;
  close(): Promise<void>;
}
