import type { Similarity } from "../monitor.ts";
import { type RunState, toolFlag } from "./run-state.ts";
import { shortStepId } from "./step-ids.ts";

const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Notes how far a call says the same as earlier ones; null when it is not remembered or was compared before. */
export function withSimilarity(state: RunState, { stepId, sameness, degraded }: Similarity): RunState | null {
  const { id } = shortStepId(state.traces, stepId);
  const old = state.tools.find((mark) => mark.id === id);
  if (old === undefined || old.sameness !== undefined || sameness.length === 0) return null;
  const mean = sameness.reduce((sum, value) => sum + value, 0) / sameness.length;
  const flags = degraded ? old.flags | toolFlag.degraded : old.flags;
  const mark = { ...old, sameness: rounded(mean), flags };
  return { ...state, tools: state.tools.map((tool) => (tool === old ? mark : tool)) };
}
