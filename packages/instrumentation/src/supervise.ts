import { context } from "@opentelemetry/api";
import {
  type AgentEventOf,
  eventName,
  genAi,
  type Limits,
  limitsSchema,
  messageOf,
  plumblineAttribute,
  SetupError,
} from "@plumbline/contracts";
import { z } from "zod";
import { RunKilledError, RunPausedError, type RunStoppedError, runStoppedIn } from "./errors.ts";
import type { OpenSpan } from "./observe/tracing.ts";
import { processRuntime } from "./process-environment.ts";
import { createRun, type Run } from "./run/run.ts";
import { currentRun, withRun } from "./run/run-context.ts";
import type { OpenCall, RunRecord } from "./run/run-record.ts";
import type { Runtime } from "./runtime.ts";
import { resultText } from "./tool/tool-result.ts";

/** What a run is declared with. */
export interface SuperviseOptions {
  /** Name of the agent. */
  name: string;
  /** What the run is to achieve; drift is measured against it. */
  goal?: string;
  /** Hard limits, enforced in this process before the call that would break them. */
  budget?: Limits;
  /** `wait` (default): calls wait while the run is paused. `exit`: they throw RunPausedError. */
  onPause?: "wait" | "exit";
  /** What holds while the control channel is lost for longer than the lease. Default: `continue`. */
  onControlLost?: "continue" | "pause" | "stop";
  /** Default: made up. Give one of your own to resume it. */
  runId?: string;
  conversationId?: string;
}

type RunEnd = Omit<AgentEventOf<typeof eventName.runEnd>, "name" | "runId" | "agentName">;

const optionsSchema = z.object({
  name: z.string().min(1),
  budget: limitsSchema.optional(),
  runId: z
    .string()
    .regex(/^\S{1,256}$/u)
    .optional(),
});
/** How long a killed run's function may take to come to its end before `supervise` throws without it. */
const unwindMs = 1000;
const maxOutputCharacters = 4000;

function check(options: SuperviseOptions): void {
  const result = optionsSchema.safeParse(options);
  if (result.success) return;
  throw new SetupError(`supervise() can't start: ${z.prettifyError(result.error)}`, {
    code: "SUPERVISE_OPTIONS",
  });
}

function declare(runtime: Runtime, options: SuperviseOptions): RunRecord {
  const { settings } = runtime;
  const { name, goal = "", budget, onPause, onControlLost, runId, conversationId } = options;
  return runtime.startRun({
    runId: runId ?? runtime.ids.next(),
    agentName: name,
    goal,
    conversationId: conversationId ?? null,
    parent: currentRun(),
    limits: { ...settings.budget, ...budget },
    onPause: onPause ?? settings.onPause,
    onControlLost: onControlLost ?? settings.onControlLost,
    implicit: false,
  });
}

function openSpan(runtime: Runtime, run: RunRecord): OpenSpan {
  const { goal, conversationId, parent } = run.declaration;
  const shownGoal = runtime.policy.text(goal);
  const span = runtime.tracing.start({
    name: `invoke_agent ${run.agentName}`,
    kind: 1,
    startMs: runtime.clock.nowMs(),
    fallbackParent: parent?.traceContext,
    attributes: {
      [genAi.operationName]: "invoke_agent",
      [genAi.agentName]: run.agentName,
      [plumblineAttribute.runId]: run.runId,
      ...(parent === undefined ? {} : { [plumblineAttribute.parentRunId]: parent.runId }),
      ...(shownGoal === null || goal === "" ? {} : { [plumblineAttribute.goal]: shownGoal }),
      ...(conversationId === null ? {} : { [genAi.conversationId]: conversationId }),
    },
  });
  run.traceContext = span.context;
  run.traceId = span.traceId;
  run.spanId = span.spanId;
  return span;
}

/** Rejects when the run is killed and its function does not come to an end by itself. */
function abandonWhenKilled(
  runtime: Runtime,
  controller: AbortController,
): { call: OpenCall; abandoned: Promise<never> } {
  let reject: (error: RunStoppedError) => void = () => undefined;
  const abandoned = new Promise<never>((_, rejectPromise) => {
    reject = rejectPromise;
  });
  abandoned.catch(() => undefined);
  const call: OpenCall = {
    abort(error) {
      controller.abort(error);
      runtime.clock.sleep(unwindMs).then(
        () => reject(error),
        () => undefined,
      );
    },
  };
  return { call, abandoned };
}

function endOf(stopped: RunStoppedError | undefined, thrown: unknown): RunEnd {
  if (stopped === undefined)
    return { status: "failed", stopReason: "FAILED", message: messageOf(thrown), output: null };
  const { reason: stopReason, why: message } = stopped;
  if (stopped instanceof RunKilledError || stopped.code === "RUN_KILLED")
    return { status: "killed", stopReason, message, output: null };
  if (stopped instanceof RunPausedError || stopped.code === "RUN_PAUSED")
    return { status: "paused", stopReason, message, output: null };
  return { status: "failed", stopReason, message: stopped.message, output: null };
}

function completed(runtime: Runtime, result: unknown): RunEnd {
  const output = result === undefined ? null : runtime.policy.text(resultText(result));
  return {
    status: "completed",
    stopReason: "COMPLETED",
    message: null,
    output: output?.slice(0, maxOutputCharacters) ?? null,
  };
}

function finish(
  runtime: Runtime,
  run: RunRecord,
  outcome: { span: OpenSpan; end: RunEnd; errorMessage: string | null },
): void {
  const { runId, agentName } = run;
  const { span, end, errorMessage } = outcome;
  const message = end.message === null ? null : runtime.policy.error(end.message);
  span.end({
    endMs: runtime.clock.nowMs(),
    attributes: { [plumblineAttribute.stopReason]: end.stopReason },
    errorMessage,
  });
  runtime.reporter.report({ name: eventName.runEnd, runId, agentName, ...end, message }, span);
  runtime.runs.end(run);
}

async function runToEnd<Result>(
  runtime: Runtime,
  run: RunRecord,
  fn: (run: Run) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const { call, abandoned } = abandonWhenKilled(runtime, controller);
  run.killListeners.add(call);
  try {
    if (run.killed !== undefined) throw run.killed;
    const handle = createRun(runtime, run, controller.signal);
    const result = await Promise.race([fn(handle), abandoned]);
    const killed = run.killInForce();
    if (killed !== undefined) throw killed;
    return result;
  } finally {
    run.killListeners.delete(call);
  }
}

/**
 * Runs an agent under supervision: what `fn` calls is observed, budgets hold, and a person or the policy can nudge,
 * pause, resume and kill it. A `supervise` inside another one is a child run: it obeys and counts towards its parent.
 * @throws RunKilledError, RunPausedError, BudgetExceededError or ControlLostError when the run was stopped, whatever
 *   `fn` made of that; SetupError for wrong options; otherwise what `fn` throws
 */
export async function supervise<Result>(
  options: SuperviseOptions,
  fn: (run: Run) => Promise<Result>,
): Promise<Result> {
  check(options);
  const runtime = processRuntime();
  if (options.budget?.usd !== undefined) await runtime.prices.load();
  const run = declare(runtime, options);
  const span = openSpan(runtime, run);
  runtime.reportStart(run);
  try {
    const result = await context.with(span.context, () => withRun(run, () => runToEnd(runtime, run, fn)));
    finish(runtime, run, { span, end: completed(runtime, result), errorMessage: null });
    return result;
  } catch (thrown) {
    const stopped = run.killInForce() ?? runStoppedIn(thrown);
    const end = endOf(stopped, thrown);
    finish(runtime, run, { span, end, errorMessage: runtime.policy.error(stopped ?? thrown) });
    if (stopped !== undefined) throw stopped;
    throw thrown;
  }
}
