import type { Step } from "@plumbline/contracts";
import type { ModelFeatures, StepFeatures, ToolFeatures } from "../features/step-features.ts";
import { gainOf } from "./gain.ts";
import { mix } from "../features/hash.ts";
import type { ModelMark, RunState, ToolMark } from "./run-state.ts";
import { remember } from "./seen.ts";
import { trackStep, type Tracked } from "./track-step.ts";
import { usageOf, withUsage } from "./usage.ts";

/** Takes a step back that later turned out not to be one. */
export function retractStep(state: RunState, stepId: string): RunState {
  const open = state.open.filter((step) => step.stepId !== stepId);
  const model = state.models.find((mark) => mark.stepId === stepId);
  if (model !== undefined) {
    const totals = withUsage({ ...state.totals, modelCalls: state.totals.modelCalls - 1 }, model, -1);
    return { ...state, open, totals, models: state.models.filter((mark) => mark !== model) };
  }
  const tool = state.tools.find((mark) => mark.stepId === stepId);
  if (tool === undefined) return { ...state, open };
  const totals = { ...state.totals, toolCalls: state.totals.toolCalls - 1 };
  return { ...state, open, totals, tools: state.tools.filter((mark) => mark !== tool) };
}

function reviseTool(state: RunState, old: ToolMark, next: { step: Step; features: ToolFeatures }): Tracked {
  const { step, features } = next;
  const changed =
    old.result !== features.result || old.call !== features.call || old.outcome !== features.outcome;
  if (!changed) return { state, mark: { kind: "tool", mark: old } };
  const { seen, fresh } = remember(state.seen, [mix(features.call, features.result), ...features.content]);
  const measured = gainOf({
    features,
    isNewPair: fresh[0] === true,
    isNewCall: !old.repeat,
    isNewFailure: features.failure !== null && features.failure !== old.failure,
    freshContent: fresh.slice(1).filter(Boolean).length,
  });
  const mark: ToolMark = {
    ...old,
    ...measured,
    gain: Math.max(old.gain, measured.gain),
    revision: step.revision,
    call: features.call,
    result: features.result,
    failure: features.failure,
    outcome: features.outcome,
    waiting: features.waiting,
    blank: features.blank,
    repeat: old.repeat && fresh[0] !== true,
  };
  const tools = state.tools.map((tool) => (tool === old ? mark : tool));
  return { state: { ...state, seen, tools }, mark: { kind: "tool", mark } };
}

function reviseModel(
  state: RunState,
  old: ModelMark,
  next: { step: Step; features: ModelFeatures },
): Tracked {
  const usage = usageOf(next.step, old);
  const mark: ModelMark = { ...old, ...usage, revision: next.step.revision, text: next.features.text };
  const models = state.models.map((model) => (model === old ? mark : model));
  const totals = withUsage(withUsage(state.totals, old, -1), usage, 1);
  return { state: { ...state, models, totals }, mark: { kind: "model", mark } };
}

/** True for a step that fell out of the window; its late revisions change nothing any more. */
function isForgotten(state: RunState, step: Step): boolean {
  if (state.open.some((open) => open.stepId === step.stepId)) return false;
  const oldest = step.kind === "tool" ? state.tools[0] : state.models[0];
  const counted =
    step.kind === "tool"
      ? state.totals.toolCalls > state.tools.length
      : state.totals.modelCalls > state.models.length;
  return step.revision > 0 && counted && oldest !== undefined && step.sequence < oldest.sequence;
}

/** Adds an ended step, or corrects what was tracked of it; null when there is nothing new in it. */
export function addOrRevise(state: RunState, step: Step, features: StepFeatures): Tracked | null {
  const old = features.kind === "tool" ? state.tools.find((mark) => mark.stepId === step.stepId) : undefined;
  if (old !== undefined)
    return old.revision >= step.revision
      ? null
      : reviseTool(state, old, { step, features: features as ToolFeatures });
  const oldModel =
    features.kind === "model" ? state.models.find((mark) => mark.stepId === step.stepId) : undefined;
  if (oldModel !== undefined) {
    return oldModel.revision >= step.revision
      ? null
      : reviseModel(state, oldModel, { step, features: features as ModelFeatures });
  }
  return isForgotten(state, step) ? null : trackStep(state, step, features);
}
