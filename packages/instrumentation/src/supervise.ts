import { context } from "@opentelemetry/api";
import { genAi, type Limits, limitsSchema, plumblineAttribute, SetupError } from "@plumbline/contracts";
import { z } from "zod";
import { type RunStoppedError, runStoppedIn } from "./errors.ts";
import type { OpenSpan } from "./observe/tracing.ts";
import { processRuntime } from "./process-environment.ts";
import { AnnouncedRun, type QueuedRun } from "./run/announced-run.ts";
import { DoneCheck, type DoneWhen } from "./run/done-check.ts";
import { createRun, type Run } from "./run/run.ts";
import { currentRun, withRun } from "./run/run-context.ts";
import { completedWith, endOf, finishRun } from "./run/run-ending.ts";
import { type PhaseGraph, problemsOfPhases } from "./run/run-phases.ts";
import type { OpenCall, RunRecord } from "./run/run-record.ts";
import type { Runtime } from "./runtime.ts";

/** What a run is declared with. */
export interface SuperviseOptions<Output = unknown> {
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
  /** The agent's own phases, from each the ones it may go to; it begins in the first. See `run.phase`. */
  phases?: PhaseGraph;
  /** Tells whether what `fn` returns is done; what fails it is a failure of the run, not a success. */
  doneWhen?: DoneWhen<Output>;
}

const optionsSchema = z.object({
  name: z.string().min(1),
  budget: limitsSchema.optional(),
  runId: z
    .string()
    .regex(/^\S{1,256}$/u)
    .optional(),
  phases: z
    .record(z.string(), z.array(z.string()))
    .superRefine((phases, context) => {
      for (const message of problemsOfPhases(phases)) context.addIssue({ code: "custom", message });
    })
    .optional(),
});
/** How long a killed run's function may take to come to its end before `supervise` throws without it. */
const unwindMs = 1000;

function check<Output>(options: SuperviseOptions<Output>): void {
  const result = optionsSchema.safeParse(options);
  if (result.success) return;
  throw new SetupError(`supervise() can't start: ${z.prettifyError(result.error)}`, {
    code: "SUPERVISE_OPTIONS",
  });
}

function declare<Output>(runtime: Runtime, options: SuperviseOptions<Output>, queued: boolean): RunRecord {
  const { settings } = runtime;
  const { name, goal = "", budget, onPause, onControlLost, runId, conversationId, phases } = options;
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
    queued,
    phases,
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

async function runToEnd<Output>(
  runtime: Runtime,
  run: RunRecord,
  work: { fn: (run: Run) => Promise<Output>; done: DoneCheck<Output> },
): Promise<Output> {
  const { fn, done } = work;
  const controller = new AbortController();
  const { call, abandoned } = abandonWhenKilled(runtime, controller);
  run.killListeners.add(call);
  try {
    if (run.killed !== undefined) throw run.killed;
    const handle = createRun(runtime, run, { signal: controller.signal, done: done as DoneCheck<unknown> });
    const result = await Promise.race([fn(handle), abandoned]);
    const killed = run.killInForce();
    if (killed !== undefined) throw killed;
    await done.require(result);
    return result;
  } finally {
    run.killListeners.delete(call);
  }
}

/** Runs the function of a declared run to its end and reports how it came to it. */
async function conduct<Output>(
  runtime: Runtime,
  run: RunRecord,
  work: { fn: (run: Run) => Promise<Output>; done: DoneCheck<Output> },
): Promise<Output> {
  const span = openSpan(runtime, run);
  if (run.declaration.queued !== true) runtime.reportStart(run);
  try {
    const result = await context.with(span.context, () => withRun(run, () => runToEnd(runtime, run, work)));
    finishRun(runtime, run, { span, end: completedWith(runtime, result), errorMessage: null });
    return result;
  } catch (thrown) {
    const stopped = run.killInForce() ?? runStoppedIn(thrown);
    const end = endOf(stopped, thrown);
    finishRun(runtime, run, { span, end, errorMessage: runtime.policy.error(stopped ?? thrown) });
    if (stopped !== undefined) throw stopped;
    throw thrown;
  }
}

/**
 * Runs an agent under supervision: what `fn` calls is observed, budgets hold, and a person or the policy can nudge,
 * pause, resume and kill it. A `supervise` inside another one is a child run: it obeys and counts towards its parent.
 * @throws RunKilledError, RunPausedError, BudgetExceededError, ControlLostError or NotDoneError when the run was stopped,
 *   whatever `fn` made of that; SetupError for wrong options; otherwise what `fn` throws
 */
export async function supervise<Output>(
  options: SuperviseOptions<Output>,
  fn: (run: Run) => Promise<Output>,
): Promise<Output> {
  check(options);
  const runtime = processRuntime();
  if (options.budget?.usd !== undefined) await runtime.prices.load();
  const run = declare(runtime, options, false);
  return conduct(runtime, run, { fn, done: new DoneCheck(runtime, run, options.doneWhen) });
}

/**
 * Announces a run that starts later, so that people see how many wait and for how long, and can kill one before it
 * begins. Its wall time counts from the start.
 * @throws SetupError for wrong options
 */
export function announceRun<Output>(options: SuperviseOptions<Output>): QueuedRun<Output> {
  check(options);
  const runtime = processRuntime();
  const run = declare(runtime, options, true);
  runtime.reportStart(run);
  return new AnnouncedRun(runtime, run, async (fn) => {
    if (options.budget?.usd !== undefined) await runtime.prices.load();
    return conduct(runtime, run, { fn, done: new DoneCheck(runtime, run, options.doneWhen) });
  });
}
