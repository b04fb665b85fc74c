import type { Limits, OutcomeClass } from "@plumbline/contracts";
import type { Misuse } from "../features/misuse.ts";
import type { Tally } from "../features/step-features.ts";
import type { MonitorIdentity } from "../monitor.ts";
import type { Episode } from "../decide/episode.ts";
import type { NameEntry } from "./names.ts";
import { nothingSeen, type Seen } from "./seen.ts";
import { noTopic, type Topic } from "./topic.ts";

/** The goal's words and entities, packed. */
export interface Goal {
  words: string;
  entities: string;
  /** It asks to wait or watch. */
  waits: boolean;
}

/** What tool and model marks share. */
export interface MarkBase {
  /** Shortened step id. */
  id: string;
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
  /** Words and entities of the call or the reply, packed. */
  words: string;
  entities: string;
}

/** Yes-or-no facts of a tool call, as bits of one number. */
export const toolFlag = {
  /** The result says that something is still under way, or the tool is declared to poll. */
  waiting: 1,
  /** The result holds no character at all. */
  blank: 2,
  /** A new call that worked and told nothing: it may have changed something. */
  act: 4,
  /** The same call had come back with this result before. */
  repeat: 8,
  /** A person said something new just before. */
  asked: 16,
  /** An envelope that says it failed, while its emitter reported no error. */
  lies: 32,
  /** The result says no more than that the call arrived. */
  ack: 64,
  /** It asks for something in words, and that in sentences. */
  asks: 128,
  prose: 256,
  /** Compared with earlier requests by words alone, because the embedder did not answer. */
  degraded: 512,
  /** The result says that something is not there, not so or not possible. */
  denies: 1024,
} as const;
export type ToolFlag = keyof typeof toolFlag;

/** What is kept of an ended tool call. */
export interface ToolMark extends MarkBase {
  call: number;
  /** The call with every number left out. */
  shape: number;
  result: number;
  /** Fingerprint of the failure; 0 when nothing failed. */
  failure: number;
  outcome: OutcomeClass;
  flags: number;
  /** How much its result told that the run did not know, 0…1. */
  gain: number;
  /** Ids in its arguments that appear nowhere in the run before; absent when there are none, or one is known. */
  strays?: number;
  /** The result without its only number, and the number; absent where it is no such result. */
  tally?: Tally;
  misuse?: Misuse;
  /** What the result says, apart from how it words it, packed; empty where it is not known. */
  gist: string;
  /** How far it says the same as the requests before it, 0…1; absent when it was not compared. */
  sameness?: number;
}

export const has = (mark: ToolMark, flag: ToolFlag): boolean => (mark.flags & toolFlag[flag]) !== 0;

/** Flags as one number. */
export function flagsOf(facts: Readonly<Partial<Record<ToolFlag, boolean>>>): number {
  let flags = 0;
  for (const flag of Object.keys(toolFlag) as ToolFlag[]) if (facts[flag] === true) flags |= toolFlag[flag];
  return flags;
}

/** What is kept of an ended model call. */
export interface ModelMark extends MarkBase {
  text: number;
  gain: number;
  /** A person spoke before it: 0 no, 1 nothing new, 2 something new. */
  user: 0 | 1 | 2;
  /** Words of what it claims to have done, packed. */
  claims: string;
  inputTokens: number;
  outputTokens: number;
  cachedTokens: number;
  cost: number;
}

/** What a tool call was worth whose step was taken back. */
export type TakenBack = Pick<ToolMark, "call" | "result" | "gain" | "flags" | "strays">;

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
  goal: Goal;
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
  names: readonly NameEntry[];
  /** Trace ids that shortened step ids refer to. */
  traces: readonly string[];
  tools: readonly ToolMark[];
  /** The last tool call that had to leave the window. */
  leftOutUpTo?: number;
  /** Calls of steps that were taken back: another step may stand for them. */
  takenBack?: readonly TakenBack[];
  models: readonly ModelMark[];
  seen: Seen;
  topic: Topic;
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
  /** Tool calls in a row that had all come back with the same result before. */
  staleCalls: number;
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
    goal: { words: "", entities: "", waits: false },
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
    traces: [],
    tools: [],
    models: [],
    seen: nothingSeen,
    topic: noTopic,
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
    staleCalls: 0,
    progress: 0.5,
    lastProgress: { sequence: 0, atMs: 0, spent: 0 },
    amnesty: 0,
    episodes: [],
    lastNudgeCall: -1000,
    nudges: 0,
  };
}
