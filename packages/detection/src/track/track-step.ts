import type { Step } from "@plumbline/contracts";
import { hash32, mix } from "../features/hash.ts";
import type { ModelFeatures, StepFeatures, ToolFeatures } from "../features/step-features.ts";
import { nextProgress } from "../score/progress.ts";
import { gainOf, isFailed } from "./gain.ts";
import { internName } from "./names.ts";
import type { ModelMark, RunState, ToolMark } from "./run-state.ts";
import { remember } from "./seen.ts";
import { learnDuration } from "./typical-duration.ts";
import { usageOf, withUsage } from "./usage.ts";

export const windowSize = { tools: 30, models: 12 } as const;
const markWords = 8;
const markEntities = 4;
const shortHashes = (hashes: readonly number[], count: number): number[] =>
  hashes.slice(0, count).map((hash) => hash & 0xffff);

export type Tracked = {
  state: RunState;
  mark: { kind: "tool"; mark: ToolMark } | { kind: "model"; mark: ModelMark };
};

function durationOf(step: Step): number {
  return step.endMs === null ? 0 : Math.max(0, step.endMs - step.startMs);
}

/** The parts every step changes: names, times, open steps, typical durations. */
function withStep(state: RunState, step: Step): RunState {
  const endMs = step.endMs ?? step.startMs;
  const { names } = internName(internName(state.names, step.name).names, step.agentName);
  return {
    ...state,
    names,
    startMs: state.startMs === 0 ? step.startMs : state.startMs,
    lastMs: Math.max(state.lastMs, endMs),
    traceId: step.traceId,
    spanId: step.spanId,
    open: state.open.filter((open) => open.stepId !== step.stepId),
    typical: learnDuration(state.typical, step.name, durationOf(step)),
    lastSequence: Math.max(state.lastSequence, step.sequence),
  };
}

function roundOf(state: RunState, step: Step): { round: number; expectedCalls: number } {
  const isParallel = step.startMs < state.lastEndMs && state.tools.length > 0;
  if (state.expectedCalls > 0) return { round: state.round, expectedCalls: state.expectedCalls - 1 };
  return { round: isParallel ? state.round : state.round + 1, expectedCalls: 0 };
}

function markBase(
  state: RunState,
  step: Step,
  features: { words: readonly number[]; entities: readonly number[] },
) {
  return {
    stepId: step.stepId,
    sequence: step.sequence,
    revision: step.revision,
    name: internName(state.names, step.name).index,
    agent: internName(state.names, step.agentName).index,
    at: Math.round((step.endMs ?? step.startMs) - state.startMs),
    words: shortHashes(features.words, markWords),
    entities: shortHashes(features.entities, markEntities),
  };
}

function trackTool(before: RunState, step: Step, features: ToolFeatures): Tracked {
  const state = withStep(before, step);
  const pair = mix(features.call, features.result);
  const failure = features.failure === null ? [] : [mix(features.tool, features.failure)];
  const { seen, fresh } = remember(state.seen, [pair, features.call, ...failure, ...features.content]);
  const isNewFailure = features.failure === null ? false : fresh[2] === true;
  const measured = gainOf({
    features,
    isNewPair: fresh[0] === true,
    isNewCall: fresh[1] === true,
    isNewFailure,
    freshContent: fresh.slice(2 + failure.length).filter(Boolean).length,
  });
  const { round, expectedCalls } = roundOf(before, step);
  const mark: ToolMark = {
    ...markBase(state, step, { words: features.argumentWords, entities: features.argumentEntities }),
    round,
    spent: state.totals.costMicroUsd,
    call: features.call,
    result: features.result,
    failure: features.failure,
    outcome: features.outcome,
    waiting: features.waiting,
    blank: features.blank,
    polls: features.polls,
    mutates: features.mutates,
    ...measured,
    repeat: fresh[0] !== true,
    volume: features.content.length,
    nameWords: shortHashes(features.nameWords, 4),
    asked: before.asked,
  };
  const totals = {
    ...state.totals,
    toolCalls: state.totals.toolCalls + 1,
    errors: state.totals.errors + (isFailed(features) ? 1 : 0),
  };
  const next: RunState = {
    ...state,
    seen,
    totals,
    round,
    expectedCalls,
    asked: false,
    lastEndMs: step.endMs ?? step.startMs,
    tools: [...state.tools, mark].slice(-windowSize.tools),
    progress: nextProgress(state.progress, mark),
  };
  return { state: withProgress(next, mark), mark: { kind: "tool", mark } };
}

function withProgress(state: RunState, mark: ToolMark): RunState {
  const isProgress = mark.gain >= 0.2 || (mark.act && state.episodes.length === 0);
  if (!isProgress) return state;
  return {
    ...state,
    lastProgress: { sequence: mark.sequence, atMs: state.startMs + mark.at, spent: mark.spent },
  };
}

function userNews(features: ModelFeatures, fresh: readonly boolean[]): 0 | 1 | 2 {
  if (features.userText === 0) return 0;
  const news = fresh.filter(Boolean).length;
  return news >= 3 || news > 0.25 * fresh.length ? 2 : 1;
}

/** Share of what an agent says that it had not said before. */
function ownNews(fresh: readonly boolean[]): number {
  return fresh.length === 0 ? 0 : Math.round((100 * fresh.filter(Boolean).length) / fresh.length) / 100;
}

function trackModel(before: RunState, step: Step, features: ModelFeatures): Tracked {
  const state = withStep(before, step);
  const usage = usageOf(step);
  const speaker = hash32(step.agentName, 0);
  const said = features.content.map((hash) => mix(hash, speaker));
  const { seen, fresh } = remember(state.seen, [...features.userContent, ...said]);
  const user = userNews(features, fresh.slice(0, features.userContent.length));
  const totals = withUsage({ ...state.totals, modelCalls: state.totals.modelCalls + 1 }, usage, 1);
  const mark: ModelMark = {
    ...markBase(state, step, features),
    ...usage,
    round: state.round + 1,
    spent: totals.costMicroUsd,
    text: features.text,
    gain: ownNews(fresh.slice(features.userContent.length)),
    user,
    claims: shortHashes(features.claimWords, markWords),
  };
  const next: RunState = {
    ...state,
    seen,
    totals,
    round: state.round + 1,
    expectedCalls: features.toolCalls,
    asked: before.asked || user === 2,
    models: [...state.models, mark].slice(-windowSize.models),
  };
  return { state: next, mark: { kind: "model", mark } };
}

/** Adds an ended step that was not tracked before. */
export function trackStep(state: RunState, step: Step, features: StepFeatures): Tracked {
  return features.kind === "tool" ? trackTool(state, step, features) : trackModel(state, step, features);
}
