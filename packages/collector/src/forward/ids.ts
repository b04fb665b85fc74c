import type { RejectionCode } from "./split-result.ts";

/** An id of an item as bytes of hex text; empty when absent. */
export interface ItemIds {
  traceId: string;
  spanId: string;
  parentSpanId: string;
}

const hex32 = /^[0-9a-f]{32}$/;
const hex16 = /^[0-9a-f]{16}$/;
const allZero = /^0*$/;

/**
 * The key that an item's trace id gives: the id itself; null for a log record without one.
 * @param ids lower-case hex of what the item holds, whatever its length
 */
export function keyOf(
  ids: ItemIds,
  needsIds: boolean,
): { key: string | null } | { code: RejectionCode; message: string } {
  const { traceId, spanId, parentSpanId } = ids;
  const absentTrace = allZero.test(traceId);
  if (absentTrace ? needsIds : !hex32.test(traceId)) {
    return { code: "BAD_TRACE_ID", message: "A trace id is 16 bytes (32 hex digits), not all zero." };
  }
  const absentSpan = allZero.test(spanId);
  const badSpan = absentSpan ? needsIds : !hex16.test(spanId);
  if (badSpan || !(parentSpanId === "" || hex16.test(parentSpanId))) {
    return { code: "BAD_SPAN_ID", message: "A span id is 8 bytes (16 hex digits), not all zero." };
  }
  return { key: absentTrace ? null : traceId };
}
