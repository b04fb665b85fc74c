import type { Limits, OutcomeClass } from "@plumbline/contracts";
import { emptyGoal, type GoalFeatures } from "../features/step-features.ts";
import type { MonitorIdentity } from "../monitor.ts";
import type { Episode } from "../decide/episode.ts";
import { nothingSeen, type Seen } from "./seen.ts";

interface MarkBase {
  stepId: string;
  sequence: number;
  revision: number;
  /** Index into the run's table of names. */
  name: number;
  agent: number;
  /** Tool calls that one model reply asked for share a round. */
  round: number;
  /** Milliseconds since the run's first step. */
  at: number;
  /** Money spent until here, this step included. */
  spent: number;
  words: readonly number[];
  entities: readonly number[];
}

/** What is kept of an ended tool call. */
export interface ToolMark extends MarkBase {
  call: number;
  result: number;
  failure: number | null;
  outcome: OutcomeClass;
  waiting: boolean;
  blank: boolean;
  polls: boolean | null;
  mutates: boolean | null;
  /** How much its result told that the run did not know, 0…1. */
  gain: number;
  /** A new call that worked and told nothing: it may have changed something. */
  act: boolean;
  /** The same call had come back with this result before. */
  repeat: boolean;
  /** How many words of the result there were to tell. */
  volume: number;
  /** Words of the tool's name. */
  nameWords: readonly number[];
  /** A person said something new just before. */
  asked: boolean;
}

/** What is kept of an ended model call. */
export interface ModelMark extends MarkBase {
  text: number;
  gain: number;
  /** A person spoke before it: 0 no, 1 nothing new, 2 something new. */
  user: 0 | 1 | 2;
  claims: readonly number[];
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  cost: number;
}

export interface OpenStep {
  stepId: string;
  sequence: number;
  name: string;
  kind: "model" | "tool";
  startMs: number;
}

export interface Typical {
  count: number;
  /** Exponentially weighted mean and deviation of log durations. */
  logMean: number;
  logDeviation: number;
}

export interface Totals {
  modelCalls: number;
  toolCalls: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  costMicroUsd: number;
}

/** Everything that is remembered of a run between two inputs: plain JSON, no texts, at most 20 KB. */
export interface RunState {
  identity: MonitorIdentity;
  goal: GoalFeatures;
  limits: Limits;
  hasGate: boolean;
  /** What the last directive asked for. */
  desired: "running" | "paused" | "killed";
  /** The policy asked for a pause that no directive has shown yet. */
  pauseIssued: boolean;
  generation: number;
  ended: boolean;
  startMs: number;
  lastMs: number;
  heartbeatMs: number;
  traceId: string;
  spanId: string;
  names: readonly string[];
  tools: readonly ToolMark[];
  models: readonly ModelMark[];
  seen: Seen;
  totals: Totals;
  open: readonly OpenStep[];
  typical: Readonly<Record<string, Typical>>;
  round: number;
  /** How many tool calls of the last reply are still to come. */
  expectedCalls: number;
  lastEndMs: number;
  /** A person said something new and no tool call came since. */
  asked: boolean;
  lastSequence: number;
  progress: number;
  lastProgress: { sequence: number; atMs: number; spent: number };
  /** Steps up to here are no longer evidence: a person has seen them and resumed the run. */
  amnesty: number;
  episodes: readonly Episode[];
  lastNudgeCall: number;
  nudges: number;
}

export function initialState(identity: MonitorIdentity): RunState {
  return {
    identity,
    goal: emptyGoal,
    limits: {},
    hasGate: false,
    desired: "running",
    pauseIssued: false,
    generation: 0,
    ended: false,
    startMs: 0,
    lastMs: 0,
    heartbeatMs: 0,
    traceId: "",
    spanId: "",
    names: [],
    tools: [],
    models: [],
    seen: nothingSeen,
    totals: {
      modelCalls: 0,
      toolCalls: 0,
      errors: 0,
      inputTokens: 0,
      outputTokens: 0,
      cachedTokens: 0,
      costMicroUsd: 0,
    },
    open: [],
    typical: {},
    round: 0,
    expectedCalls: 0,
    lastEndMs: 0,
    asked: false,
    lastSequence: 0,
    progress: 0.5,
    lastProgress: { sequence: 0, atMs: 0, spent: 0 },
    amnesty: 0,
    episodes: [],
    lastNudgeCall: -1000,
    nudges: 0,
  };
}
