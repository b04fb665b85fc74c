import type { Step } from "@plumbline/contracts";
import type { StepFeatures, ToolFeatures } from "../features/step-features.ts";
import type { ModelMark, RunState, TakenBack, ToolMark } from "./run-state.ts";
import { shortStepId } from "./step-ids.ts";
import { withUsage } from "./usage.ts";

/*
 * Owns: steps that later turn out not to be steps. A call that a message history told before its own span came is taken
 * back and told again under another id: that is no repetition, and worth what it was worth the first time.
 * Does not own: revisions of a step under its own id (revise.ts).
 */

const maxTakenBack = 6;

/** What is left of a call that is not remembered: that it was made. */
const forgotten = ({ call, result }: ToolFeatures): TakenBack => ({ call, result, gain: 0, flags: 0 });

function kept({ call, result, gain, flags, strays }: ToolMark): TakenBack {
  return { call, result, gain, flags, ...(strays === undefined ? {} : { strays }) };
}

function withoutCall(state: RunState, call: TakenBack): RunState {
  const totals = { ...state.totals, toolCalls: state.totals.toolCalls - 1 };
  return { ...state, totals, takenBack: [...(state.takenBack ?? []), call].slice(-maxTakenBack) };
}

function withoutModel(state: RunState, model: ModelMark): RunState {
  const totals = withUsage({ ...state.totals, modelCalls: state.totals.modelCalls - 1 }, model, -1);
  return { ...state, totals, models: state.models.filter((mark) => mark !== model) };
}

/** Takes a step back that later turned out not to be one. */
export function retractStep(before: RunState, { stepId }: Step, features: StepFeatures): RunState {
  const open = before.open.filter((step) => step.stepId !== stepId);
  const state = { ...before, open };
  const { id } = shortStepId(state.traces, stepId);
  const model = state.models.find((mark) => mark.id === id);
  if (model !== undefined) return withoutModel(state, model);
  const tool = state.tools.find((mark) => mark.id === id);
  if (tool !== undefined)
    return withoutCall({ ...state, tools: state.tools.filter((mark) => mark !== tool) }, kept(tool));
  const hasEnded = open.length === before.open.length && state.totals.toolCalls > state.tools.length;
  return features.kind === "tool" && hasEnded ? withoutCall(state, forgotten(features)) : state;
}

/** The call taken back that this one stands for, and the state without it; null when it stands for none. */
export function standInFor(
  state: RunState,
  { call, result }: ToolFeatures,
): { state: RunState; stoodFor: TakenBack } | null {
  const index = state.takenBack?.findIndex((one) => one.call === call && one.result === result) ?? -1;
  const stoodFor = state.takenBack?.[index];
  if (stoodFor === undefined) return null;
  return { state: { ...state, takenBack: state.takenBack?.toSpliced(index, 1) ?? [] }, stoodFor };
}
