import { AsyncLocalStorage } from "node:async_hooks";
import { context } from "@opentelemetry/api";
import type { ToolTraits } from "@plumbline/contracts";
import type { RunStoppedError } from "../../errors.ts";
import type { OpenStep } from "../../observe/step-reporter.ts";
import { withRun } from "../../run/run-context.ts";
import type { OpenCall, RunRecord } from "../../run/run-record.ts";
import type { Runtime } from "../../runtime.ts";
import { resultText } from "../../tool/tool-result.ts";

/** What is declared about the tools of a framework, by name. */
export type DeclaredTools = Readonly<Record<string, ToolTraits>>;

/** A tool call as a framework makes it. */
export interface FrameworkToolCall {
  toolName: string;
  callId: string | null;
  input: unknown;
  description?: string | undefined;
  traits?: ToolTraits | undefined;
}

const performing = new AsyncLocalStorage<string>();

/** Whether the current code is the work of a tool of this name, gated by an adapter above. */
export const isWithinTool = (toolName: string): boolean => performing.getStore() === toolName;

/** A tool call under way that passed the gate: a step, and within reach of a kill. */
export class GatedToolCall implements OpenCall {
  private readonly runtime: Runtime;
  private readonly run: RunRecord;
  private readonly step: OpenStep<{ result: string | null }>;
  private readonly controller = new AbortController();
  private readonly toolName: string;

  /** Use {@link GatedToolCall.open}. */
  private constructor(runtime: Runtime, run: RunRecord, call: FrameworkToolCall) {
    this.runtime = runtime;
    this.run = run;
    this.toolName = call.toolName;
    run.openCalls.add(this);
    runtime.count(run, { steps: 1, toolCalls: 1 });
    this.step = runtime.steps.startTool(run, {
      toolName: call.toolName,
      description: call.description,
      callId: call.callId,
      arguments: typeof call.input === "string" ? call.input : resultText(call.input ?? {}),
      traits: call.traits ?? {},
    });
  }

  /**
   * Resolves once the call may be made.
   * @throws RunStoppedError when it may not
   */
  static async open(runtime: Runtime, run: RunRecord, call: FrameworkToolCall): Promise<GatedToolCall> {
    await runtime.gate.pass(run, { kind: "tool", toolName: call.toolName });
    return new GatedToolCall(runtime, run, call);
  }

  abort(error: RunStoppedError): void {
    this.controller.abort(error);
  }

  /** Does the tool's work as part of the run, until it is done or the run is killed, which aborts the signal. */
  async perform<Result>(work: (signal: AbortSignal) => PromiseLike<Result>): Promise<Result> {
    const { signal } = this.controller;
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    const { run, step, toolName } = this;
    const done = context.with(step.span.context, () =>
      withRun(run, () => performing.run(toolName, () => work(signal))),
    );
    return Promise.race([done, stopped]);
  }

  succeeded(result: unknown): void {
    this.close(resultText(result), undefined);
  }

  failed(thrown: unknown): void {
    this.close(null, thrown);
  }

  private close(result: string | null, thrown: unknown): void {
    const { run, runtime } = this;
    this.step.end({ result }, thrown);
    run.openCalls.delete(this);
    runtime.runs.touch(run, runtime.clock.nowMs());
    runtime.gate.settle(run);
  }
}

/**
 * Sends a framework's tool call through the gate and observes it as a step of `run`; its result and its errors stay its own.
 * @param resultOf what of the result the step shows; an error it returns marks the step as failed
 * @throws RunStoppedError when the run may not make the call, or was killed meanwhile
 */
export async function superviseToolCall<Result>(
  runtime: Runtime,
  target: { run: RunRecord; call: FrameworkToolCall },
  work: { make: (signal: AbortSignal) => PromiseLike<Result>; resultOf?: (result: Result) => unknown },
): Promise<Result> {
  const open = await GatedToolCall.open(runtime, target.run, target.call);
  try {
    const result = await open.perform(work.make);
    const shown = work.resultOf === undefined ? result : work.resultOf(result);
    if (shown instanceof Error) open.failed(shown);
    else open.succeeded(shown);
    return result;
  } catch (thrown) {
    open.failed(thrown);
    throw thrown;
  }
}
