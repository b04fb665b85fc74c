/** One record for the bus: all items of one trace in one request, or as many as fit. */
export interface TraceRecord {
  /** 32 lower-case hex digits of the trace id, as the Collector's exporter has it. */
  key: string;
  value: Uint8Array;
}

/** Why items were refused, and how many of each. */
export type RejectionCode =
  | "BAD_TRACE_ID"
  | "BAD_SPAN_ID"
  | "UNDECODABLE"
  | "NESTED_TOO_DEEPLY"
  | "TOO_LARGE"
  | "TOO_MUCH";

export interface Rejections {
  count: number;
  /** Said of the first one of each code. */
  byCode: Map<RejectionCode, { count: number; message: string }>;
}

export interface SplitResult {
  records: TraceRecord[];
  accepted: number;
  rejections: Rejections;
  /** For a request that was taken but looks wrong; empty when there is nothing to say. */
  warning: string;
}

export interface SplitLimits {
  /** Largest value of one record. */
  maxRecordBytes: number;
  /** Most bytes that one request may become: each record repeats its resource. */
  maxForwardedBytes: number;
  /** Most spans or log records of one request. */
  maxItems: number;
  /** How many attribute values may stand inside each other. */
  maxDepth: number;
}

export function noRejections(): Rejections {
  return { count: 0, byCode: new Map() };
}

export function reject(
  rejections: Rejections,
  item: { code: RejectionCode; message: string; count?: number },
): void {
  const { code, message, count = 1 } = item;
  if (count === 0) return;
  rejections.count += count;
  const known = rejections.byCode.get(code);
  if (known === undefined) rejections.byCode.set(code, { count, message });
  else known.count += count;
}

/** One sentence per code, for the sender. */
export function describeRejections(rejections: Rejections, itemNoun: string): string {
  return [...rejections.byCode.entries()]
    .map(
      ([code, { count, message }]) =>
        `${String(count)} ${itemNoun}${count === 1 ? "" : "s"} ${code}: ${message}`,
    )
    .join(" ");
}
