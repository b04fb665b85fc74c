import type { Step } from "@plumbline/contracts";
import { mix } from "../features/hash.ts";
import type { Tally, ToolFeatures } from "../features/step-features.ts";
import { nextProgress } from "../score/progress.ts";
import { gainOf, isFailed } from "./gain.ts";
import { isLoopKind } from "./loop-kinds.ts";
import { internName } from "./names.ts";
import { markBase, withStep } from "./mark-base.ts";
import {
  flagsOf,
  has,
  type RunState,
  type ToolFlag,
  toolFlag,
  type ToolMark,
  type Totals,
} from "./run-state.ts";
import { remember, type Seen } from "./seen.ts";
import { sideToolsOf } from "./side-tools.ts";
import { standInFor } from "./taken-back.ts";
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

/** In a run that goes in circles, a call that tells nothing is one more lap. */
const isCircling = ({ episodes }: RunState): boolean => episodes.some(({ kind }) => isLoopKind(kind));

function withProgress(state: RunState, mark: ToolMark): RunState {
  const isProgress = mark.gain >= progressGain || (has(mark, "act") && !isCircling(state));
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

/** What a call is worth, and the state that has learned it. */
interface Worth {
  state: RunState;
  gain: number;
  strays: number;
  flags: number;
}

function newWorth(state: RunState, features: ToolFeatures): Worth {
  const { seen, gain, act, repeat } = measure(state.seen, features);
  const { vocabulary, ids } = features;
  const { topic, strays } = followTopic(state.topic, { vocabulary, ids, heard: false });
  const progress = nextProgress(state.progress, { gain, act });
  return { state: { ...state, seen, topic, progress }, gain, strays, flags: flagsOf({ act, repeat }) };
}

const keptFlags = toolFlag.act | toolFlag.repeat | toolFlag.asked;

/** A call that stands for one taken back is worth what that one was, and nothing is learned twice. */
function worthOf(state: RunState, features: ToolFeatures): Worth {
  const standIn = standInFor(state, features);
  if (standIn === null) return newWorth(state, features);
  const { gain, strays = 0, flags } = standIn.stoodFor;
  return { state: standIn.state, gain, strays, flags: flags & keptFlags };
}

function withCall(state: RunState, features: ToolFeatures): Totals {
  const { totals } = state;
  const errors = totals.errors + (isFailed(features) ? 1 : 0);
  return { ...totals, toolCalls: totals.toolCalls + 1, errors };
}

/** Adds an ended tool call that was not tracked before. */
export function trackTool(
  before: RunState,
  step: Step,
  told: ToolFeatures,
): { state: RunState; mark: ToolMark } {
  const named = withStep(before, step, told.nameWords);
  const name = internName(named.names, step.name).index;
  const features = asKnown(named.tools, { step, features: told }, name);
  const { state, gain, strays, flags } = worthOf(named, features);
  const { round, expectedCalls } = roundOf(before, step);
  const mark: ToolMark = {
    ...markBase(state, step, { words: features.argumentWords, entities: features.argumentEntities }),
    ...toolOutcome(features),
    ...(strays === 0 ? {} : { strays }),
    round,
    spent: state.totals.costMicroUsd,
    gain,
    flags: flags | flagsOf({ ...toldFlags(features), asked: before.asked, ...spoken(features) }),
  };
  const next: RunState = {
    ...state,
    totals: withCall(state, features),
    round,
    expectedCalls,
    asked: false,
    lastEndMs: step.endMs ?? step.startMs,
    staleCalls: staleCallsAfter(before, mark),
    ...withinWindow(state, mark),
  };
  return { state: withProgress(next, mark), mark };
}
