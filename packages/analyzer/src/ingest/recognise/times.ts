import type { OtlpLogRecord, OtlpSpan } from "@plumbline/contracts";

/** Milliseconds with the microseconds behind the point, which a double holds exactly enough. */
export function millisOf(nanos: bigint): number {
  return Number(nanos / 1000n) / 1000;
}

/** Start and end; a missing start is the end, an end before the start is the start. */
export function spanTimes(span: OtlpSpan): { startMs: number; endMs: number } {
  const end = millisOf(span.endTimeUnixNano);
  const start = span.startTimeUnixNano === 0n ? end : millisOf(span.startTimeUnixNano);
  return { startMs: start, endMs: Math.max(start, end) };
}

export function logTimeMs(record: OtlpLogRecord): number {
  return millisOf(record.timeUnixNano === 0n ? record.observedTimeUnixNano : record.timeUnixNano);
}
