import type { ActionRecord } from "../checkpoint/run-snapshot.ts";
import type { RunRecord } from "../run/run-record.ts";
import type { Runtime } from "../runtime.ts";
import type { Cancellation } from "./cancellation.ts";
import type { FailureClass } from "./failure/classify-failure.ts";
import type { RegisteredTool } from "./tool.ts";

/** What stages further in learn of a call, for those further out. */
export interface LearnedOfCall {
  /** Empty until the call is observed as a step. */
  stepId: string;
  /** Who or what let the call through, in words for a person (`user:ana, approval ap-1`); null when nobody was asked. */
  authorisedBy: string | null;
  /** How often the tool itself was called. */
  attempts: number;
  /** The tool was given up on at least once: whether that took effect is not known, whatever came later. */
  timedOut: boolean;
  /** Ids in the arguments that occur nowhere in the run before. */
  ungroundedIds: readonly string[];
  /** When the tool itself was called; null when it was not. */
  performedAtMs: number | null;
  /** Arguments as JSON text: the model's, or what the tool was called with where somebody changed them. */
  argumentsText: string;
}

/** One tool call on its way through the stages. A stage that changes something passes on a copy. */
export interface ToolCallUnderWay {
  readonly runtime: Runtime;
  readonly run: RunRecord;
  readonly toolName: string;
  /** The model's id of the call; empty where the framework does not say. */
  readonly callId: string;
  /** Arguments as JSON text, as the model wrote them. */
  readonly argumentsText: string;
  /** Undefined when nobody registered a tool of that name. */
  readonly tool: RegisteredTool | undefined;
  /** All tools of the run, for messages to the model. */
  readonly tools: ReadonlyMap<string, RegisteredTool>;
  /** The same for the same call of the same run, whichever process makes it: the journal knows it by this. */
  readonly callKey: string;
  /** What the tool gets: the call's key, or one of its own where a person changed the arguments. */
  readonly idempotencyKey: string;
  /** Aborted when the run is stopped, the time is over or whoever made the call gives it up. */
  readonly cancellation: Cancellation;
  /** By which a framework gives its call up; undefined where it has no such signal. */
  readonly givenUpBy?: AbortSignal | undefined;
  /** Id of the step; empty until it is observed. */
  readonly stepId: string;
  /** Checked arguments as the tool takes them; until they are checked what the framework gave, else undefined. */
  readonly input: unknown;
  /** What an earlier process of the run had begun and nobody knows the end of. */
  readonly recalled?: ActionRecord;
  /** One object for all copies of the call. */
  readonly learned: LearnedOfCall;
}

/** What came of a tool call. */
export interface ToolOutcome {
  /** Result or failure as the model gets to read it. */
  text: string;
  /** What went wrong; undefined when nothing did. */
  error: unknown;
  /** What the failure needs; undefined when there was none, or nobody could say. */
  failure?: FailureClass | undefined;
  /** A guard answered in the place of the tool. */
  answeredBy?: "guard";
  /** The tool was left before its end and is called again, as when a graph asks a person: neither success nor failure. */
  left?: boolean;
}

export type NextToolStage = (call: ToolCallUnderWay) => Promise<ToolOutcome>;

/**
 * One concern around a tool call: it may answer by itself, or call `next` and make something of the outcome. Failures are
 * outcomes; only a stop of the run is thrown.
 */
export type ToolStage = (call: ToolCallUnderWay, next: NextToolStage) => Promise<ToolOutcome>;

/** The stages as one function, the first one outermost, `last` in the middle. */
export function composeToolStages(stages: readonly ToolStage[], last: NextToolStage): NextToolStage {
  return stages.reduceRight<NextToolStage>((next, stage) => (call) => stage(call, next), last);
}
