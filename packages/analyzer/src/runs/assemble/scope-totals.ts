import type { ObservationOf, Usage } from "@plumbline/contracts";
import { type Place, recordKey, type ScopeTotal } from "./assembly-state.ts";

const maxTotals = 64;

/** The totals with the one that a scope tells; the oldest makes room. */
export function withTotal(
  totals: readonly ScopeTotal[],
  scope: ObservationOf<"scope-end">,
): readonly ScopeTotal[] {
  if (scope.usage === undefined) return totals;
  const key = recordKey(scope);
  const others = totals.filter((total) => total.key !== key);
  return [...others, { key, usage: scope.usage }].slice(-maxTotals);
}

/** The total of the scope right above a call: its emitter has one span for all calls, which tells of the last alone. */
export function totalAbove(
  totals: readonly ScopeTotal[],
  { traceId, parentSpanId }: Place,
): Usage | undefined {
  if (totals.length === 0 || parentSpanId === "") return undefined;
  const key = recordKey({ traceId, spanId: parentSpanId });
  return totals.find((total) => total.key === key)?.usage;
}
