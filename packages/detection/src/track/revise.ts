import type { Step } from "@plumbline/contracts";
import { mix } from "../features/hash.ts";
import type { ModelFeatures, StepFeatures, ToolFeatures } from "../features/step-features.ts";
import { gainOf } from "./gain.ts";
import { flagsOf, has, type ModelMark, type RunState, type ToolMark } from "./run-state.ts";
import { remember } from "./seen.ts";
import { shortStepId } from "./step-ids.ts";
import { type Tracked, trackStep } from "./track-step.ts";
import { asKnown } from "./answered-for.ts";
import { toldFlags, toolOutcome } from "./track-tool.ts";
import { usageOf, withUsage } from "./usage.ts";

interface Revision<Features> {
  step: Step;
  features: Features;
}

function reviseTool(
  state: RunState,
  old: ToolMark,
  { step, features: told }: Revision<ToolFeatures>,
): Tracked {
  const earlier = state.tools.filter((mark) => mark.sequence < old.sequence);
  const features = asKnown(earlier, { step, features: told }, old.name);
  const changed =
    old.result !== features.result || old.call !== features.call || old.outcome !== features.outcome;
  if (!changed) return { state, mark: { kind: "tool", mark: old } };
  const { seen, fresh } = remember(state.seen, [mix(features.call, features.result), ...features.content]);
  const measured = gainOf({
    features,
    isNewPair: fresh[0] === true,
    isNewCall: !has(old, "repeat"),
    isNewFailure: features.failure !== null && features.failure !== old.failure,
    freshContent: fresh.slice(1).filter(Boolean).length,
  });
  const mark: ToolMark = {
    ...old,
    ...toolOutcome(features),
    revision: step.revision,
    gain: Math.max(old.gain, measured.gain),
    flags: flagsOf({
      ...toldFlags(features),
      act: measured.act,
      repeat: has(old, "repeat") && fresh[0] !== true,
      asked: has(old, "asked"),
      asks: has(old, "asks"),
      prose: has(old, "prose"),
      degraded: has(old, "degraded"),
    }),
  };
  const tools = state.tools.map((tool) => (tool === old ? mark : tool));
  return { state: { ...state, seen, tools }, mark: { kind: "tool", mark } };
}

function reviseModel(state: RunState, old: ModelMark, { step, features }: Revision<ModelFeatures>): Tracked {
  const usage = usageOf(step, old);
  const mark: ModelMark = { ...old, ...usage, revision: step.revision, text: features.text };
  const models = state.models.map((model) => (model === old ? mark : model));
  const totals = withUsage(withUsage(state.totals, old, -1), usage, 1);
  return { state: { ...state, models, totals }, mark: { kind: "model", mark } };
}

/** True for a step that fell out of the window; its late revisions change nothing any more. */
function isForgotten(state: RunState, step: Step): boolean {
  if (step.revision === 0 || state.open.some((open) => open.stepId === step.stepId)) return false;
  const marks = step.kind === "tool" ? state.tools : state.models;
  const counted = step.kind === "tool" ? state.totals.toolCalls : state.totals.modelCalls;
  if (step.kind === "tool" && step.sequence <= (state.leftOutUpTo ?? 0)) return true;
  const oldest = marks[0];
  return counted > marks.length && oldest !== undefined && step.sequence < oldest.sequence;
}

/** Adds an ended step, or corrects what was tracked of it; null when there is nothing new in it. */
export function addOrRevise(state: RunState, step: Step, features: StepFeatures): Tracked | null {
  const { id } = shortStepId(state.traces, step.stepId);
  if (features.kind === "tool") {
    const old = state.tools.find((mark) => mark.id === id);
    if (old !== undefined)
      return old.revision >= step.revision ? null : reviseTool(state, old, { step, features });
  } else {
    const old = state.models.find((mark) => mark.id === id);
    if (old !== undefined)
      return old.revision >= step.revision ? null : reviseModel(state, old, { step, features });
  }
  return isForgotten(state, step) ? null : trackStep(state, step, features);
}
