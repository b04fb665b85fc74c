import type { ReceivedRecord } from "@plumbline/bus";
import type { DeadLetter } from "@plumbline/contracts";
import type { ComparisonMeans } from "./embed/text-comparer.ts";
import type { RejectedItem, TableName } from "@plumbline/store";

/** Something that was not processed as it should have been; all of it is counted, the log gets a line a minute at most per kind. */
export interface AnalyzerMetrics {
  /** A record that could not be read or folded; it goes to the dead letters. */
  recordRejected(record: ReceivedRecord, reason: string): void;
  rowsRejected(table: TableName, rejected: readonly RejectedItem[]): void;
  storeRetried(error: unknown): void;
  duplicateDropped(): void;
  /** Observations of a run that came from somebody else than its owner. */
  observationsRefused(refused: readonly { runId: string; owner: string; sender: string }[]): void;
  /** Findings that the trace viewer's receiver did not take; the tables have them. */
  findingsNotShown(count: number, reason: string): void;
  /** How a request was compared with earlier ones: with the model, without one, or in spite of one. */
  compared(means: ComparisonMeans): void;
  snapshotUnreadable(key: string, reason: string): void;
  /** Spans or log records decoded and what became of them. */
  ingested(counts: { records: number; spans: number; logs: number; observations: number }): void;
}

const largestLetterBytes = 1_048_576;

/** What is kept of a record that nobody could read. */
export function deadLetterOf(record: ReceivedRecord, reason: string): DeadLetter {
  const { topic, partition, offset, value } = record;
  return {
    topic,
    partition,
    offset,
    reason,
    value: Buffer.from(value.subarray(0, largestLetterBytes)).toString("base64"),
  };
}
