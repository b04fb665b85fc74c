import type { Step } from "@plumbline/contracts";
import { mix } from "../features/hash.ts";
import type { Tally, ToolFeatures } from "../features/step-features.ts";
import { nextProgress } from "../score/progress.ts";
import { gainOf, isFailed } from "./gain.ts";
import { internName } from "./names.ts";
import { markBase, withStep } from "./mark-base.ts";
import { flagsOf, has, type RunState, type ToolFlag, type ToolMark } from "./run-state.ts";
import { remember, type Seen } from "./seen.ts";
import { sideToolsOf } from "./side-tools.ts";
import { asKnown } from "./answered-for.ts";
import { packGist } from "./packed-gist.ts";
import { followTopic } from "./topic.ts";
import { withinWindow } from "./tool-window.ts";

const progressGain = 0.2;

function roundOf(state: RunState, step: Step): { round: number; expectedCalls: number } {
  if (state.expectedCalls > 0) return { round: state.round, expectedCalls: state.expectedCalls - 1 };
  const isParallel = step.startMs < state.lastEndMs && state.tools.length > 0;
  return { round: isParallel ? state.round : state.round + 1, expectedCalls: 0 };
}

interface Measured {
  seen: Seen;
  gain: number;
  act: boolean;
  repeat: boolean;
}

function measure(seen: Seen, features: ToolFeatures): Measured {
  const failure = features.failure === null ? [] : [mix(features.tool, features.failure)];
  const keys = [mix(features.call, features.result), features.call, ...failure];
  const remembered = remember(seen, [...keys, ...features.content]);
  const [pair, isNewCall, isNewFailure] = remembered.fresh;
  // What the filter takes for seen by chance is seldom so twice: a call that was never made had no such answer.
  const isNewPair = pair === true || isNewCall === true;
  const measured = gainOf({
    features,
    isNewPair,
    isNewCall: isNewCall === true,
    isNewFailure: failure.length > 0 && isNewFailure === true,
    freshContent: remembered.fresh.slice(keys.length).filter(Boolean).length,
  });
  return { seen: remembered.seen, ...measured, repeat: !isNewPair };
}

/** The parts of a mark that a later revision of its step may change. */
export function toolOutcome(features: ToolFeatures): Pick<
  ToolMark,
  "call" | "shape" | "result" | "failure" | "outcome" | "gist"
> & {
  misuse?: NonNullable<ToolMark["misuse"]>;
  tally?: Tally;
} {
  const { call, shape, result, failure, outcome, misuse, tally, gist } = features;
  const rare = { ...(misuse === null ? {} : { misuse }), ...(tally === null ? {} : { tally }) };
  return { call, shape, result, failure: failure ?? 0, outcome, gist: packGist(gist), ...rare };
}

/** What a result says of itself. */
export function toldFlags(features: ToolFeatures): Partial<Record<ToolFlag, boolean>> {
  const { waiting, polls, blank, ack, lies, gist } = features;
  return { waiting: waiting || polls === true, blank, ack, lies, denies: gist?.denies === true };
}

function withProgress(state: RunState, mark: ToolMark): RunState {
  const isProgress = mark.gain >= progressGain || (has(mark, "act") && state.episodes.length === 0);
  if (!isProgress) return state;
  return {
    ...state,
    lastProgress: { sequence: mark.sequence, atMs: state.startMs + mark.at, spent: mark.spent },
  };
}

/** Entries in a log, new or old, are neither news nor a lack of them. */
function staleCallsAfter({ tools, staleCalls }: RunState, mark: ToolMark): number {
  const maySide = has(mark, "ack") || has(mark, "act");
  if (maySide && sideToolsOf([...tools, mark]).has(mark.name)) return staleCalls;
  return has(mark, "repeat") ? staleCalls + 1 : 0;
}

const spoken = ({ asks }: ToolFeatures): { asks: boolean; prose: boolean } => ({
  asks: asks !== null,
  prose: asks === "prose",
});

/** Adds an ended tool call that was not tracked before. */
export function trackTool(
  before: RunState,
  step: Step,
  told: ToolFeatures,
): { state: RunState; mark: ToolMark } {
  const state = withStep(before, step, told.nameWords);
  const name = internName(state.names, step.name).index;
  const features = asKnown(state.tools, { step, features: told }, name);
  const { seen, gain, act, repeat } = measure(state.seen, features);
  const { round, expectedCalls } = roundOf(before, step);
  const { topic, strays } = followTopic(state.topic, {
    vocabulary: features.vocabulary,
    ids: features.ids,
    heard: false,
  });
  const mark: ToolMark = {
    ...markBase(state, step, { words: features.argumentWords, entities: features.argumentEntities }),
    ...toolOutcome(features),
    ...(strays === 0 ? {} : { strays }),
    round,
    spent: state.totals.costMicroUsd,
    gain,
    flags: flagsOf({ ...toldFlags(features), act, repeat, asked: before.asked, ...spoken(features) }),
  };
  const { totals } = state;
  const next: RunState = {
    ...state,
    seen,
    topic,
    totals: {
      ...totals,
      toolCalls: totals.toolCalls + 1,
      errors: totals.errors + (isFailed(features) ? 1 : 0),
    },
    round,
    expectedCalls,
    asked: false,
    lastEndMs: step.endMs ?? step.startMs,
    staleCalls: staleCallsAfter(before, mark),
    ...withinWindow(state, mark),
    progress: nextProgress(state.progress, { gain, act }),
  };
  return { state: withProgress(next, mark), mark };
}
