import { context } from "@opentelemetry/api";
import { genAi, type Limits, limitsSchema, plumblineAttribute, SetupError } from "@plumbline/contracts";
import { z } from "zod";
import { type ApprovalSettings, approvalSettingsSchema } from "./approval/approval-settings.ts";
import type { ResumableRun, RestoredRun } from "./checkpoint/run-journals.ts";
import { type RunStoppedError, runStoppedIn } from "./errors.ts";
import { hearFirstWord } from "./gate/first-word.ts";
import { madeAttributes, type OpenSpan } from "./observe/tracing.ts";
import { processRuntime } from "./process-environment.ts";
import { AnnouncedRun, type QueuedRun } from "./run/announced-run.ts";
import { DoneCheck, type DoneWhen } from "./run/done-check.ts";
import { type ChildPlace, childPlaceOf, earlierLife } from "./run/child-run.ts";
import { createRun, type Run } from "./run/run.ts";
import { currentRun, withRun } from "./run/run-context.ts";
import { completedWith, endOf, finishRun, shownOutput } from "./run/run-ending.ts";
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
  /** Share of a limit from which on the agent is told to come to an end; default: 0.8, null: never. */
  softLimit?: number | null;
  /** `wait` (default): calls wait while the run is paused. `exit`: they throw RunPausedError. */
  onPause?: "wait" | "exit";
  /** What holds while the control channel is lost for longer than the lease. Default: `continue`. */
  onControlLost?: "continue" | "pause" | "stop";
  /** Default: made up. */
  runId?: string;
  /**
   * Id of a run that another process left behind: it goes on under its id, with its state (`run.state`), goal, limits and
   * what it has used up.
   */
  resume?: string;
  /** What a person is asked about before it is done; over the configuration, key by key. */
  approvals?: Partial<ApprovalSettings>;
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
  resume: z
    .string()
    .regex(/^\S{1,256}$/u)
    .optional(),
  approvals: approvalSettingsSchema.partial().optional(),
  softLimit: z.number().min(0).max(1).nullable().optional(),
  phases: z
    .record(z.string(), z.array(z.string()))
    .superRefine((phases, context) => {
      for (const message of problemsOfPhases(phases)) context.addIssue({ code: "custom", message });
    })
    .optional(),
});
/** How long a killed run's function may take to come to its end before `supervise` throws without it. */
const unwindMs = 1000;
/** How long a resumed run waits for its directive from a server that is there. */
const resumeWaitMs = 3000;

function check<Output>(options: SuperviseOptions<Output>): void {
  const result = optionsSchema.safeParse(options);
  if (result.success) return;
  throw new SetupError(`supervise() can't start: ${z.prettifyError(result.error)}`, {
    code: "SUPERVISE_OPTIONS",
  });
}

function declare<Output>(
  runtime: Runtime,
  options: SuperviseOptions<Output>,
  { queued, place }: { queued: boolean; place: ChildPlace | undefined },
): RunRecord {
  const { settings } = runtime;
  const {
    name,
    goal = "",
    budget,
    onPause,
    onControlLost,
    runId,
    conversationId,
    phases,
    softLimit,
    approvals,
  } = options;
  return runtime.startRun({
    runId: runId ?? place?.runId ?? runtime.ids.next(),
    partOf: place?.parent.runId,
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
    softLimit,
    approvals:
      approvals === undefined
        ? undefined
        : approvalSettingsSchema.parse({ ...settings.approvals, ...approvals }),
  });
}

function openSpan(runtime: Runtime, run: RunRecord): OpenSpan {
  const { goal, conversationId, parent } = run.declaration;
  const shownGoal = runtime.policy.text(goal);
  const attributes = {
    [genAi.operationName]: "invoke_agent",
    [genAi.agentName]: run.agentName,
    [plumblineAttribute.runId]: run.runId,
    ...(parent === undefined ? {} : { [plumblineAttribute.parentRunId]: parent.runId }),
    ...(shownGoal === null || goal === "" ? {} : { [plumblineAttribute.goal]: shownGoal }),
    ...(conversationId === null ? {} : { [genAi.conversationId]: conversationId }),
  };
  const span = runtime.tracing.start({
    name: `invoke_agent ${run.agentName}`,
    kind: 1,
    startMs: runtime.clock.nowMs(),
    fallbackParent: parent?.traceContext,
    attributes: madeAttributes(attributes),
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
    const stopped = run.stopInForce();
    if (stopped !== undefined) throw stopped;
    await done.require(result);
    return result;
  } finally {
    run.killListeners.delete(call);
  }
}

/** @throws SetupError when this process has the run already, or nobody may resume it */
async function restore(runtime: Runtime, runId: string): Promise<RestoredRun> {
  if (runtime.runs.get(runId)?.ended === false) {
    throw new SetupError(`Run ${runId} is under way in this process.`, {
      code: "RUN_IN_USE",
      mend: "Let it come to its end first.",
    });
  }
  return runtime.journals.restore(runId);
}

/** What the run was declared with before, where this declaration says nothing else. */
function resumed<Output>(
  options: SuperviseOptions<Output>,
  { stored }: RestoredRun,
): SuperviseOptions<Output> {
  const { goal, limits, conversationId } = stored.head;
  return {
    ...options,
    runId: options.resume ?? "",
    goal: options.goal ?? goal,
    budget: { ...limits, ...options.budget },
    ...(conversationId === null ? {} : { conversationId }),
  };
}

/** Runs the function of a declared run to its end and reports how it came to it. */
async function conduct<Output>(
  runtime: Runtime,
  run: RunRecord,
  work: { fn: (run: Run) => Promise<Output>; done: DoneCheck<Output>; place: ChildPlace | undefined },
): Promise<Output> {
  const span = openSpan(runtime, run);
  if (run.declaration.queued !== true) runtime.reportStart(run);
  try {
    const result = await context.with(span.context, () => withRun(run, () => runToEnd(runtime, run, work)));
    const end = completedWith(runtime, result);
    await runtime.journals.ended(run, end);
    finishRun(runtime, run, { span, end, errorMessage: null });
    return result;
  } catch (thrown) {
    const stopped = run.killInForce() ?? runStoppedIn(thrown);
    if (stopped !== undefined) stopped.partialOutput = run.partialOutput;
    const end = { ...endOf(stopped, thrown), output: shownOutput(runtime, run.partialOutput) };
    await runtime.journals.ended(run, end);
    finishRun(runtime, run, { span, end, errorMessage: runtime.policy.error(stopped ?? thrown) });
    if (stopped !== undefined) throw stopped;
    throw thrown;
  } finally {
    work.place?.release();
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
  const restored = options.resume === undefined ? undefined : await restore(runtime, options.resume);
  const place = restored === undefined ? childPlaceOf(runtime, options) : undefined;
  const begun = restored === undefined ? await earlierLife(runtime, options.runId, place) : undefined;
  const declared = restored === undefined ? options : resumed(options, restored);
  if (declared.budget?.usd !== undefined) await runtime.prices.load();
  const run = declare(runtime, declared, { queued: false, place });
  await (restored ?? begun)?.attach(run);
  // A run that was killed while nobody had it must not begin; one that was paused meanwhile waits at its first call.
  if (restored !== undefined)
    await hearFirstWord(runtime.channel.firstWord(run.runId), runtime.clock, resumeWaitMs);
  return conduct(runtime, run, { fn, done: new DoneCheck(runtime, run, options.doneWhen), place });
}

/**
 * Announces a run that starts later, so that people see how many wait and for how long, and can kill one before it
 * begins. Its wall time counts from the start.
 * @throws SetupError for wrong options
 */
export function announceRun<Output>(options: SuperviseOptions<Output>): QueuedRun<Output> {
  check(options);
  const runtime = processRuntime();
  const place = childPlaceOf(runtime, options);
  const run = declare(runtime, options, { queued: true, place });
  runtime.reportStart(run);
  return new AnnouncedRun(runtime, run, async (fn) => {
    if (options.budget?.usd !== undefined) await runtime.prices.load();
    await (await earlierLife(runtime, options.runId, place))?.attach(run);
    return conduct(runtime, run, { fn, done: new DoneCheck(runtime, run, options.doneWhen), place });
  });
}

/**
 * Runs of this data directory that can be resumed and that no living process has, the one changed last first: what a
 * worker looks for when it starts.
 */
export function resumableRuns(): Promise<ResumableRun[]> {
  return processRuntime().journals.resumable();
}
