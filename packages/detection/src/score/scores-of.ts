import type { Score, Step } from "@plumbline/contracts";
import type { Tracked } from "../track/track-step.ts";

/** The progress score after a tool call, with the part that came from its own result. */
export function scoresOf(tracked: Tracked, step: Step): { type: "score"; score: Score }[] {
  if (tracked.mark.kind !== "tool") return [];
  const common = {
    version: 1 as const,
    tenantId: step.tenantId,
    runId: step.runId,
    stepId: step.stepId,
    sequence: step.sequence,
    atMs: step.endMs ?? step.startMs,
    revision: step.revision,
  };
  return [
    { type: "score", score: { ...common, name: "progress", value: tracked.state.progress } },
    { type: "score", score: { ...common, name: "novelty", value: tracked.mark.mark.gain } },
  ];
}
