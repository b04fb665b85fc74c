import { derivedId, messageOf, RetryableError } from "@plumbline/contracts";
import canonicalize from "canonicalize";
import { type RunStoppedError, runStoppedIn } from "../errors.ts";
import type { OpenCall, RunRecord } from "../run/run-record.ts";
import { withRun } from "../run/run-context.ts";
import type { Runtime } from "../runtime.ts";
import { context } from "@opentelemetry/api";
import type { RegisteredTool, ToolCallContext } from "./tool.ts";
import type { NormalToolCall } from "./tool-call.ts";
import { errorText, resultText } from "./tool-result.ts";

interface Outcome {
  text: string;
  /** What went wrong; undefined when nothing did. */
  error: unknown;
}

/** Arguments in one spelling, so that two spellings of the same call count as the same. */
function canonicalArguments(text: string): string {
  try {
    return canonicalize(JSON.parse(text)) ?? text;
  } catch {
    return text;
  }
}

/** Runs the tool calls of one run: gate, argument check, time limit, observation. Only a stopped run throws. */
export class ToolExecutor {
  private readonly runtime: Runtime;
  private readonly run: RunRecord;
  private readonly tools: ReadonlyMap<string, RegisteredTool>;
  private readonly occurrences = new Map<string, number>();

  constructor(runtime: Runtime, run: RunRecord, tools: ReadonlyMap<string, RegisteredTool>) {
    this.runtime = runtime;
    this.run = run;
    this.tools = tools;
  }

  /**
   * Runs one call and gives its result, or what went wrong, as text for the model.
   * @throws RunStoppedError when the run was stopped before or meanwhile
   */
  async execute(call: NormalToolCall): Promise<string> {
    const { run, runtime } = this;
    const idempotencyKey = this.idempotencyKey(call);
    await runtime.gate.pass(run, { kind: "tool", toolName: call.name });
    const controller = new AbortController();
    const open: OpenCall = { abort: (error: RunStoppedError) => controller.abort(error) };
    run.openCalls.add(open);
    runtime.count(run, { steps: 1, toolCalls: 1 });
    const tool = this.tools.get(call.name);
    const step = runtime.steps.startTool(run, {
      toolName: call.name,
      description: tool?.description,
      callId: call.callId,
      arguments: call.argumentsText,
      traits: tool?.traits ?? {},
    });
    const details = {
      runId: run.runId,
      toolName: call.name,
      callId: call.callId,
      idempotencyKey,
      signal: controller.signal,
    };
    const outcome = await context.with(step.span.context, () =>
      this.attempt(tool, { call, details, controller }),
    );
    step.end({ result: outcome.text }, outcome.error);
    run.openCalls.delete(open);
    runtime.runs.touch(run, runtime.clock.nowMs());
    runtime.gate.settle(run);
    const stopped = runStoppedIn(outcome.error) ?? run.killInForce();
    if (stopped !== undefined) throw stopped;
    return outcome.text;
  }

  private async attempt(
    tool: RegisteredTool | undefined,
    work: { call: NormalToolCall; details: ToolCallContext; controller: AbortController },
  ): Promise<Outcome> {
    if (tool === undefined) return failure(new Error(this.unknownTool(work.call.name)));
    const parsed = await parseArguments(tool, work.call.argumentsText);
    if (!parsed.ok)
      return failure(
        new Error(`The arguments of ${tool.name} don't fit its parameters.\n${parsed.problems}`),
      );
    try {
      const result = await withRun(this.run, () => this.withinTime(tool, { ...work, input: parsed.value }));
      return { text: resultText(result), error: undefined };
    } catch (thrown) {
      return failure(thrown);
    }
  }

  /** The tool's own promise, the run's stop or the end of its time, whichever comes first: a tool may ignore its signal. */
  private withinTime(
    tool: RegisteredTool,
    work: { input: unknown; details: ToolCallContext; controller: AbortController },
  ): Promise<unknown> {
    const { controller, details } = work;
    const timeoutMs = tool.timeoutMs ?? this.runtime.settings.toolTimeoutMs;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const why = `${tool.name} took longer than ${String(timeoutMs)} ms.`;
        controller.abort(new RetryableError(why, { code: "TOOL_TIMEOUT" }));
      }, timeoutMs);
      const settle = (finish: () => void) => (): void => {
        clearTimeout(timer);
        finish();
      };
      const { signal } = controller;
      signal.addEventListener(
        "abort",
        settle(() => reject(signal.reason as Error)),
        { once: true },
      );
      new Promise((done) => {
        done(tool.execute(work.input, details));
      }).then(
        (result) => settle(() => resolve(result))(),
        (thrown: unknown) => settle(() => reject(asError(thrown)))(),
      );
    });
  }

  private unknownTool(name: string): string {
    const known = [...this.tools.keys()].join(", ");
    return `There is no tool "${name}". Available: ${known === "" ? "none" : known}.`;
  }

  /** From run, tool, arguments and how often this very call was made: a resumed run arrives at the same keys. */
  private idempotencyKey(call: NormalToolCall): string {
    const same = `${call.name}\n${canonicalArguments(call.argumentsText)}`;
    const occurrence = this.occurrences.get(same) ?? 0;
    this.occurrences.set(same, occurrence + 1);
    return derivedId("i", [this.run.runId, same, occurrence]);
  }
}

async function parseArguments(tool: RegisteredTool, text: string): ReturnType<RegisteredTool["parse"]> {
  let input: unknown;
  try {
    input = text.trim() === "" ? {} : JSON.parse(text);
  } catch (thrown) {
    return { ok: false, problems: `They are not JSON: ${messageOf(thrown)}` };
  }
  return tool.parse(input);
}

const asError = (thrown: unknown): Error =>
  thrown instanceof Error ? thrown : new Error(messageOf(thrown), { cause: thrown });
const failure = (thrown: unknown): Outcome => ({ text: errorText(thrown), error: thrown });
