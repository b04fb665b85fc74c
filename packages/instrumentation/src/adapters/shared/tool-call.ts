import { RejectedError } from "@plumbline/contracts";
import {
  ApprovalDeniedError,
  RetryLimitError,
  type RunStoppedError,
  runStoppedIn,
  RunTakenOverError,
} from "../../errors.ts";
import { wireOf } from "../../observe/openai/wire.ts";
import { toolCallOwners } from "../../observe/tool-call-owners.ts";
import { currentRun } from "../../run/run-context.ts";
import type { RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import { asError } from "../../tool/as-error.ts";
import { currentToolCall } from "../../tool/current-tool-call.ts";
import type { ToolPolicy } from "../../tool/declared-tool.ts";
import { sendCall } from "../../tool/send-call.ts";
import { approvalSettingsOf } from "../../tool/stages/approve.ts";
import { resultText } from "../../tool/tool-result.ts";
import type { ToolOutcome } from "../../tool/tool-stage.ts";
import type { RegisteredTool, ToolCallContext } from "../../tool/tool.ts";

/** Whether arguments fit, and what the tool gets then. */
type Checked = Awaited<ReturnType<RegisteredTool["parse"]>>;

/** A tool call as a framework makes it. */
export interface FrameworkToolCall {
  toolName: string;
  /** The model's id of the call; null where the framework does not say. */
  callId: string | null;
  /** Arguments as the framework gives them to the tool. */
  input: unknown;
  description?: string | undefined;
  /** By which the application gives the call up. */
  signal?: AbortSignal | undefined;
  /** Whether the framework has checked `input` already. */
  isChecked: boolean;
  /**
   * Checks arguments against the tool's schema: `input`, and what a person puts in its place. Left out where the framework does
   * that within the call.
   */
  check?: ((input: unknown) => Checked | Promise<Checked>) | undefined;
}

/** How a framework does a tool's work and tells its model of it. */
export interface FrameworkToolWork<Result> {
  make: (input: unknown, call: ToolCallContext) => PromiseLike<Result>;
  /** What of the result people and guards get to see; an error it returns marks the call as failed. Default: all of it. */
  resultOf?: (result: Result) => unknown;
  /** Whether the framework leaves the tool by what was thrown, and calls it again: no failure. */
  isLeft?: (thrown: unknown) => boolean;
  /** The result from which the model reads a text. */
  answer: (text: string) => Result;
  /** The same for a call that was not made, or not to its end. Default: throws the error, which the model reads. */
  refuse?: (text: string, error: Error) => Result;
}

/** Where a call belongs, and what holds for it. */
export interface FrameworkToolTarget {
  run: RunRecord;
  policy: ToolPolicy;
  call: FrameworkToolCall;
}

/** The signal by which an application gives a call up, where the options of the call have one. */
export function signalOf(options: unknown, name = "signal"): AbortSignal | undefined {
  const signal = wireOf(options)[name];
  return signal instanceof AbortSignal ? signal : undefined;
}

/** The run of a tool call: the one that surrounds it, else the one whose model asked for it. */
export const runOfToolCall = (callId: unknown): RunRecord | undefined =>
  currentRun() ?? toolCallOwners.of(callId);

/** Whether the current code is the work of a supervised tool of this name. */
export const isWithinTool = (toolName: string): boolean => currentToolCall()?.toolName === toolName;

/** What the tool itself came to. */
interface Performance<Result> {
  result?: { value: Result; text: string };
  /** As it was thrown, and as the stages get it. */
  thrown?: { original: unknown; error: Error };
}

/** Nobody is asked about what was in flight unless people are asked at all: then the framework's repetition goes on. */
function onInFlight(runtime: Runtime, { run, policy }: FrameworkToolTarget): "ask" | "retry" | "skip" {
  if (policy.onInFlight !== undefined) return policy.onInFlight;
  const { from, decide } = approvalSettingsOf(runtime, run);
  const isAsked = from !== "none" || decide !== undefined || policy.action.approval.when === "ask";
  return isAsked ? "ask" : "retry";
}

/** One call of a framework's tool on its way through the stages, and back into the framework's words. */
class SupervisedToolCall<Result> {
  private readonly runtime: Runtime;
  private readonly target: FrameworkToolTarget;
  private readonly work: FrameworkToolWork<Result>;
  private last: Performance<Result> = {};

  constructor(runtime: Runtime, target: FrameworkToolTarget, work: FrameworkToolWork<Result>) {
    this.runtime = runtime;
    this.target = target;
    this.work = work;
  }

  async send(): Promise<Result> {
    const { runtime, target } = this;
    const { run, call } = target;
    const { toolName: name, callId, signal } = call;
    const input = call.input ?? {};
    const argumentsText = typeof input === "string" ? input : resultText(input, Infinity);
    const sent = { callId: callId ?? "", name, argumentsText };
    const outcome = await sendCall(runtime, run, {
      call: sent,
      tool: this.tool(input),
      tools: new Map(),
      input,
      signal,
    });
    return outcome.error === undefined ? this.answered(outcome) : this.failed(outcome);
  }

  private tool(given: unknown): RegisteredTool {
    const { policy, call } = this.target;
    const { isLeft } = this.work;
    const { toolName: name, description, isChecked, check } = call;
    return {
      ...policy,
      name,
      description,
      action: { ...policy.action, onInFlight: onInFlight(this.runtime, this.target) },
      resilience: { ...policy.resilience, maxResultCharacters: Infinity },
      jsonSchema: {},
      ...(isLeft === undefined ? {} : { isLeft }),
      parse: async (input) =>
        check === undefined || (isChecked && input === given) ? { ok: true, value: input } : check(input),
      execute: (input, details) => this.perform(input === given ? call.input : input, details),
    };
  }

  /** Does the tool's work; what stages and people see of its result is cut where the settings say so. */
  private async perform(input: unknown, details: ToolCallContext): Promise<string> {
    const performance: Performance<Result> = {};
    this.last = performance;
    const { make, resultOf } = this.work;
    try {
      const value = await make(input, details);
      const shown = resultOf === undefined ? value : resultOf(value);
      const longest = this.target.policy.longestResult ?? this.runtime.settings.maxToolResultCharacters;
      const text = resultText(shown instanceof Error ? shown.message : shown, longest);
      performance.result = { value, text };
      if (shown instanceof Error) throw shown;
      return text;
    } catch (original) {
      const error = asError(original);
      performance.thrown = { original, error };
      throw error;
    }
  }

  /** The tool's own result, unless a stage has put other words in its place. */
  private answered({ text, answeredBy, left }: ToolOutcome): Result {
    const { result, thrown } = this.last;
    if (left === true && thrown !== undefined) throw thrown.original;
    const { longestResult } = this.target.policy;
    const isWhole = longestResult === undefined || text.length <= longestResult;
    if (result?.text === text && isWhole) return result.value;
    if (answeredBy === "guard") return this.refused(text);
    return this.work.answer(text);
  }

  /** What the tool itself threw or answered, in the framework's own words; else why it was not asked. */
  private failed({ error, text }: ToolOutcome): Result {
    const { result, thrown } = this.last;
    if (thrown === undefined || thrown.error !== error) return this.refused(text, error);
    if (result !== undefined) return result.value;
    throw thrown.original;
  }

  private refused(text: string, error?: unknown): Result {
    const shown =
      error instanceof Error
        ? error
        : new RejectedError(text.replace(/^Error: /u, ""), { code: "TOOL_NOT_CALLED", cause: error });
    if (this.work.refuse === undefined) throw shown;
    return this.work.refuse(text, shown);
  }
}

const lasting = [ApprovalDeniedError, RetryLimitError, RunTakenOverError] as const;

/**
 * Frameworks tell their models of whatever a tool throws: what ends a run has to meet its next call as well. A stop of a run that the
 * tool itself conducts is that run's.
 */
function keepStop(run: RunRecord, stopped: RunStoppedError | undefined): void {
  if (stopped === undefined || !lasting.some((kind) => stopped instanceof kind)) return;
  const ended = run.lineage().find(({ runId }) => runId === stopped.runId);
  if (ended !== undefined) ended.stopped ??= stopped;
}

/**
 * Sends a framework's tool call through the stages that tools of `run.tool` go through, as a step of `run`. Its own result and
 * errors stay as they are; what a stage answers in its place comes back in the framework's form.
 * @throws RunStoppedError when the run may not make the call, or was stopped meanwhile; what the tool throws
 */
export async function superviseToolCall<Result>(
  runtime: Runtime,
  target: FrameworkToolTarget,
  work: FrameworkToolWork<Result>,
): Promise<Result> {
  try {
    return await new SupervisedToolCall(runtime, target, work).send();
  } catch (thrown) {
    keepStop(target.run, runStoppedIn(thrown));
    throw thrown;
  }
}

/** A text that was made of a result, as that result: values that are no text went as JSON. */
export function resultOfText(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : text;
  } catch {
    return text;
  }
}
