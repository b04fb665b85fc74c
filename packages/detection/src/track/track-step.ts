import type { Step } from "@plumbline/contracts";
import type { StepFeatures } from "../features/step-features.ts";
import type { ModelMark, RunState, ToolMark } from "./run-state.ts";
import { trackModel } from "./track-model.ts";
import { trackTool } from "./track-tool.ts";

export type TrackedMark = { kind: "tool"; mark: ToolMark } | { kind: "model"; mark: ModelMark };

export interface Tracked {
  state: RunState;
  mark: TrackedMark;
}

/** Adds an ended step that was not tracked before. */
export function trackStep(state: RunState, step: Step, features: StepFeatures): Tracked {
  if (features.kind === "tool") {
    const tracked = trackTool(state, step, features);
    return { state: tracked.state, mark: { kind: "tool", mark: tracked.mark } };
  }
  const tracked = trackModel(state, step, features);
  return { state: tracked.state, mark: { kind: "model", mark: tracked.mark } };
}
