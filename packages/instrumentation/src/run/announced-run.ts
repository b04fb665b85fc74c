import { eventName, type RunStatus } from "@plumbline/contracts";
import type { RunStoppedError } from "../errors.ts";
import type { Runtime } from "../runtime.ts";
import type { Run } from "./run.ts";
import type { OpenCall, RunRecord } from "./run-record.ts";

/** A run that is announced and not started yet. */
export interface QueuedRun<Output> {
  readonly id: string;
  readonly status: RunStatus;
  /**
   * Starts the run; can be done once.
   * @throws RejectedError when it was started or withdrawn before; otherwise what `supervise` throws
   */
  start(fn: (run: Run) => Promise<Output>): Promise<Output>;
  /**
   * Takes the run out of the queue: it ends as killed.
   * @throws RejectedError when it was started or has ended
   */
  withdraw(why?: string): void;
}

/** Owns: a run between its announcement and its start. A kill in that time ends it on the spot. */
export class AnnouncedRun<Output> implements QueuedRun<Output>, OpenCall {
  private readonly runtime: Runtime;
  private readonly run: RunRecord;
  private readonly conduct: (fn: (run: Run) => Promise<Output>) => Promise<Output>;

  constructor(
    runtime: Runtime,
    run: RunRecord,
    conduct: (fn: (run: Run) => Promise<Output>) => Promise<Output>,
  ) {
    this.runtime = runtime;
    this.run = run;
    this.conduct = conduct;
    run.killListeners.add(this);
  }

  get id(): string {
    return this.run.runId;
  }

  get status(): RunStatus {
    return this.run.lifecycle.status;
  }

  async start(fn: (run: Run) => Promise<Output>): Promise<Output> {
    const { run, runtime } = this;
    const killed = run.killInForce();
    if (killed !== undefined) throw killed;
    run.lifecycle.move("running");
    run.tally.startedAtMs = runtime.clock.nowMs();
    run.killListeners.delete(this);
    return this.conduct(fn);
  }

  withdraw(why = "withdrawn by the application before it started"): void {
    // Only out of the queue: the table would also let a running run be killed.
    if (this.status !== "queued") this.run.lifecycle.move("queued");
    this.end({ reason: "USER_KILLED", why });
  }

  abort(error: RunStoppedError): void {
    this.end(error);
  }

  private end({ reason: stopReason, why: message }: Pick<RunStoppedError, "reason" | "why">): void {
    const { run, runtime } = this;
    const { runId, agentName } = run;
    run.killListeners.delete(this);
    run.lifecycle.end("killed", { stopReason, message });
    const end = { status: "killed", stopReason, message, output: null } as const;
    runtime.reporter.report({ name: eventName.runEnd, runId, agentName, ...end });
    runtime.runs.end(run);
  }
}
