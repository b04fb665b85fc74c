/** Something went wrong between the bus and a consumer; the bus goes on, the record of it is the caller's to keep. */
export interface DeliveryFailure {
  during: "open" | "batch" | "close" | "tail" | "read" | "retention";
  /** Empty for a tail. */
  group: string;
  /** Empty when no single topic is concerned. */
  topic: string;
  partition: number;
  /** From 1; grows while the same thing fails. */
  attempt: number;
  /** When it is tried again; null when it is not. */
  retryInMs: number | null;
  error: unknown;
}

export type ReportFailure = (failure: DeliveryFailure) => void;

/** Pauses before a failed delivery is repeated: the first one, doubled each time up to the longest. */
export interface RedeliveryPauses {
  firstMs: number;
  longestMs: number;
}

export const defaultRedelivery: RedeliveryPauses = { firstMs: 100, longestMs: 10_000 };

export function redeliveryPauseMs(pauses: RedeliveryPauses, attempt: number): number {
  return Math.min(pauses.firstMs * 2 ** Math.min(attempt - 1, 30), pauses.longestMs);
}
