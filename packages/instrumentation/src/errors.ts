import { PlumblineError, isPlumblineError, type Limits, type StopReason } from "@plumbline/contracts";

const stopMarker = Symbol.for("plumbline.run-stopped");

/** Why a run was stopped, as an error of this family carries it. */
export interface StopDetails {
  runId: string;
  reason: StopReason;
  /** Why, for a person. */
  why: string;
  findingId: string | null;
}

/** Base of the errors by which a supervised run is stopped. Recognise them with {@link runStoppedIn}. */
export class RunStoppedError extends PlumblineError {
  readonly [stopMarker] = true;
  readonly runId: string;
  readonly reason: StopReason;
  readonly why: string;
  readonly findingId: string | null;
  /** What the run had to show when it was stopped: what it kept, else the model's last text. */
  partialOutput: string | null = null;

  constructor(verb: string, code: string, details: StopDetails) {
    const why = details.why === "" ? "" : `: ${details.why}`;
    super("stop", `Run ${details.runId} ${verb} (${details.reason})${why}`, { code });
    this.runId = details.runId;
    this.reason = details.reason;
    this.why = details.why;
    this.findingId = details.findingId;
  }
}

/** A person or the policy killed the run. Final. */
export class RunKilledError extends RunStoppedError {
  constructor(details: StopDetails) {
    super("was killed", "RUN_KILLED", details);
  }
}

/** The run is paused and was declared to exit rather than to wait, or nobody resumed it in time. */
export class RunPausedError extends RunStoppedError {
  constructor(details: StopDetails) {
    super("is paused", "RUN_PAUSED", details);
  }
}

/** The control channel is lost and the run was declared to stop then. */
export class ControlLostError extends RunStoppedError {
  constructor(runId: string) {
    super("was stopped", "CONTROL_LOST", {
      runId,
      reason: "CONTROL_LOST",
      why: "the control channel has been lost for longer than the lease",
      findingId: null,
    });
  }
}

/** A limit would have been broken by the next call, which was not made. */
export class BudgetExceededError extends RunStoppedError {
  /** The first limit to trip. */
  readonly limit: keyof Limits;

  constructor(limit: keyof Limits, details: Omit<StopDetails, "reason" | "findingId">) {
    super("was stopped", "BUDGET_EXCEEDED", { ...details, reason: "BUDGET_EXCEEDED", findingId: null });
    this.limit = limit;
  }
}

/** The run went round in circles, was told so, and went on. */
export class LoopDetectedError extends RunStoppedError {
  constructor(runId: string, details: Pick<StopDetails, "reason" | "why" | "findingId">) {
    super("was stopped", "LOOP_DETECTED", { runId, ...details });
  }
}

/** Failing calls were repeated until the run's budget of retries was used up. */
export class RetryLimitError extends RunStoppedError {
  constructor(runId: string, why: string) {
    const details = { runId, reason: "RETRY_LIMIT_REACHED", why, findingId: null } as const;
    super("was stopped", "RETRY_LIMIT_REACHED", details);
  }
}

/** The model's answer did not fit its schema, however often it was asked. */
export class OutputInvalidError extends RunStoppedError {
  /** The last answer as it came. */
  readonly raw: string;
  readonly problem: string;

  constructor(runId: string, details: { problem: string; raw: string; reasks: number }) {
    const { problem, raw, reasks } = details;
    const why = `the model's answer did not fit its schema after ${String(reasks)} re-asks: ${problem}`;
    super("was stopped", "OUTPUT_INVALID", { runId, reason: "RETRY_LIMIT_REACHED", why, findingId: null });
    this.problem = problem;
    this.raw = raw;
  }
}

/** The run's function returned, and the run's own check says that it is not done. */
export class NotDoneError extends RunStoppedError {
  constructor(runId: string, problem: string) {
    super("was not done", "NOT_DONE", { runId, reason: "HIDDEN_FAILURE", why: problem, findingId: null });
  }
}

/** Another process has gone on with the run: this one must do nothing in its name any more. */
export class RunTakenOverError extends RunStoppedError {
  constructor(runId: string) {
    const why = "another process has resumed it";
    super("was taken over", "RUN_TAKEN_OVER", { runId, reason: "CONTROL_LOST", why, findingId: null });
  }
}

/** A person did not allow an action, or nobody did in time, and the run was declared to stop then. */
export class ApprovalDeniedError extends RunStoppedError {
  constructor(
    reason: Extract<StopReason, "APPROVAL_DENIED" | "APPROVAL_TIMEOUT">,
    details: Omit<StopDetails, "reason" | "findingId">,
  ) {
    super("was stopped", reason, { ...details, reason, findingId: null });
  }
}

const isRunStopped = (value: unknown): value is RunStoppedError =>
  isPlumblineError(value) && stopMarker in value;

const deepestCause = 8;

/** The stop behind an error, itself or among its causes: client libraries wrap what they did not throw. */
export function runStoppedIn(thrown: unknown): RunStoppedError | undefined {
  let current = thrown;
  for (let depth = 0; depth < deepestCause; depth += 1) {
    if (isRunStopped(current)) return current;
    if (!(current instanceof Error)) return undefined;
    current = current.cause;
  }
  return undefined;
}
