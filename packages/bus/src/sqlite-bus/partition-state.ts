import type { TopicSpec } from "@plumbline/contracts";
import { offsetsPerPartition } from "./schema.ts";

/** What is known of a partition without asking the file. */
export interface PartitionState {
  topic: string;
  number: number;
  partitionId: number;
  compacted: boolean;
  beginOffset: number;
  nextOffset: number;
  appendedBytes: number;
  /** Bytes appended before the first kept record. */
  droppedBytes: number;
}

export interface TopicState {
  spec: TopicSpec;
  partitions: readonly PartitionState[];
}

export const recordIdOf = (state: PartitionState, offset: number): number =>
  state.partitionId * offsetsPerPartition + offset;

export const offsetOf = (state: PartitionState, recordId: number): number =>
  recordId - state.partitionId * offsetsPerPartition;
