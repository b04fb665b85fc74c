import type { Similarity } from "../monitor.ts";
import { type RunState, toolFlag } from "./run-state.ts";
import { shortStepId } from "./step-ids.ts";

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** What at least half of the values reach: one request that was told otherwise does not hide the others. */
function upperMedian(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => b - a);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 0;
}

/** Notes how far a call says the same as earlier ones; null when it is not remembered or was compared before. */
export function withSimilarity(state: RunState, { stepId, sameness, degraded }: Similarity): RunState | null {
  const { id } = shortStepId(state.traces, stepId);
  const old = state.tools.find((mark) => mark.id === id);
  if (old === undefined || old.sameness !== undefined || sameness.length === 0) return null;
  const flags = degraded ? old.flags | toolFlag.degraded : old.flags;
  const mark = { ...old, sameness: rounded(upperMedian(sameness)), flags };
  return { ...state, tools: state.tools.map((tool) => (tool === old ? mark : tool)) };
}
