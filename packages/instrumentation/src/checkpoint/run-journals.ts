import { messageOf, SetupError } from "@plumbline/contracts";
import type { RunEnd } from "../run/run-ending.ts";
import type { RunRecord } from "../run/run-record.ts";
import { debugLog } from "../transport/debug-log.ts";
import type { RunReference, StoredRun } from "./checkpoint-store.ts";
import { type JournalPorts, RunJournal } from "./run-journal.ts";
import { applyTransition, emptySnapshot } from "./run-snapshot.ts";
import type { RunHead } from "./transition.ts";

/** A run that can be resumed, as its process left it. */
export interface ResumableRun {
  runId: string;
  agentName: string;
  goal: string;
  /** `stopped`: it came to a halt. `live`: its process ended without a word. */
  status: RunHead["status"];
  updatedAtMs: number;
}

/** What a resumed run begins with. */
export interface RestoredRun {
  stored: StoredRun;
  /** Makes the run's journal go on where the stored one ends. */
  attach(run: RunRecord): Promise<void>;
}

const refusal = (message: string, code: string, mend: string): SetupError =>
  new SetupError(message, { code, mend });

function refuseEnded(runId: string, stored: StoredRun): void {
  if (stored.head.status === "killed") {
    const last = stored.transitions.at(-1)?.change;
    const why = last?.kind === "killed" ? ` (${last.reason}${last.why === "" ? "" : `: ${last.why}`})` : "";
    throw refusal(`Run ${runId} was killed${why}, and that is final.`, "RUN_KILLED", "Start a new run.");
  }
  if (stored.head.status === "completed")
    throw refusal(
      `Run ${runId} is complete; nothing is left to resume.`,
      "RUN_COMPLETED",
      "Start a new run.",
    );
}

/** The journals of the runs of this process. */
export class RunJournals {
  private readonly ports: JournalPorts;
  private readonly journals = new WeakMap<RunRecord, RunJournal>();
  /** Runs that go on where an earlier process left them. */
  private readonly continued = new WeakSet<RunRecord>();

  constructor(ports: JournalPorts) {
    this.ports = ports;
  }

  of(run: RunRecord): RunJournal {
    const known = this.journals.get(run);
    if (known !== undefined) return known;
    return this.attach(run, new RunJournal(this.ports, run));
  }

  /**
   * Takes over a run that another process left behind.
   * @throws SetupError `RUN_UNKNOWN`, `RUN_KILLED`, `RUN_COMPLETED` or `RUN_IN_USE`
   */
  async restore(runId: string): Promise<RestoredRun> {
    const reference: RunReference = { tenantId: this.ports.tenantId, runId };
    const stored = await this.ports.store.load(reference);
    if (stored === undefined)
      throw refusal(
        `There is no checkpoint of run ${runId} in this data directory.`,
        "RUN_UNKNOWN",
        "Give the data directory that the run was started with, or start it anew.",
      );
    refuseEnded(runId, stored);
    await this.claim(runId);
    // Read again: until the claim, the other process may have gone on.
    const current = (await this.ports.store.load(reference)) ?? stored;
    refuseEnded(runId, current);
    return { stored: current, attach: (run) => this.goOn(run, current) };
  }

  /**
   * For a run that begins under an id of the application's choice: when an earlier run had it, the new one's history
   * follows that one's, and its keys are others.
   * @throws SetupError `RUN_KILLED` or `RUN_IN_USE`
   */
  async beginAgain(runId: string): Promise<Pick<RestoredRun, "attach"> | undefined> {
    const { tenantId, store } = this.ports;
    const stored = await store.load({ tenantId, runId });
    if (stored === undefined) return undefined;
    if (stored.head.status === "killed") refuseEnded(runId, stored);
    await this.claim(runId);
    return {
      attach: async (run) => {
        const { lastSequence, epoch } = stored.transitions.reduce(applyTransition, emptySnapshot);
        const snapshot = { ...emptySnapshot, lastSequence, epoch: epoch + 1 };
        await this.attach(run, new RunJournal(this.ports, run, { snapshot, state: null })).began();
      },
    };
  }

  /**
   * For a run whose id follows from the one that surrounds it. Where that one goes on, so does this one; one that had come to its end
   * is gone through again, its calls answered from the record.
   * @throws SetupError `RUN_KILLED` or `RUN_IN_USE`
   */
  async beginWithin(parent: RunRecord, runId: string): Promise<Pick<RestoredRun, "attach"> | undefined> {
    if (!this.continued.has(parent)) return this.beginAgain(runId);
    const reference: RunReference = { tenantId: this.ports.tenantId, runId };
    const stored = await this.ports.store.load(reference);
    if (stored === undefined) return { attach: async (run) => void this.continued.add(run) };
    if (stored.head.status === "killed") refuseEnded(runId, stored);
    await this.claim(runId);
    const current = (await this.ports.store.load(reference)) ?? stored;
    return { attach: (run) => this.goOn(run, current) };
  }

  /** To be called before a run acts: those above it are written down as well, so that they can be resumed. */
  async beginAbove(run: RunRecord): Promise<void> {
    for (const one of run.lineage().slice(1).toReversed())
      if (!one.declaration.implicit) await this.of(one).childActs();
  }

  /** Runs of this data directory that no living process has and the application resumes, the one changed last first. */
  async resumable(): Promise<ResumableRun[]> {
    const listed = await this.ports.store.list(this.ports.tenantId);
    return listed
      .filter(({ inUse, head }) => !inUse && head.partOf === undefined)
      .map(({ runId, head: { agentName, goal, status, updatedAtMs } }) => ({
        runId,
        agentName,
        goal,
        status,
        updatedAtMs,
      }));
  }

  private async claim(runId: string): Promise<void> {
    const { store, tenantId } = this.ports;
    if (await store.claim({ tenantId, runId })) return;
    throw refusal(
      `Run ${runId} is in the hands of a living process.`,
      "RUN_IN_USE",
      "End that process first.",
    );
  }

  /** The run came to its end in this process; a stop can be resumed from. */
  async ended(run: RunRecord, end: Pick<RunEnd, "status" | "stopReason" | "message">): Promise<void> {
    const killed = run.killInForce();
    try {
      await (killed === undefined ? this.writeEnd(run, end) : this.journals.get(run)?.killed(killed));
    } catch (thrown) {
      debugLog("the end of run %s was not written down: %s", run.runId, messageOf(thrown));
    }
  }

  private async writeEnd(
    run: RunRecord,
    { status, stopReason, message }: Pick<RunEnd, "status" | "stopReason" | "message">,
  ): Promise<void> {
    const why = message ?? "";
    if (status === "paused") return this.of(run).stopped(stopReason, why);
    const journal = this.journals.get(run);
    return status === "completed" ? journal?.completed() : journal?.failed(stopReason, why);
  }

  private async goOn(run: RunRecord, stored: StoredRun): Promise<void> {
    this.continued.add(run);
    const { tally, status, updatedAtMs } = stored.head;
    const isOver = status === "completed";
    const idleMs = this.ports.clock.nowMs() - updatedAtMs;
    // Time in which nobody worked on the run is not its time.
    if (!isOver) Object.assign(run.tally, tally, { startedAtMs: tally.startedAtMs + Math.max(0, idleMs) });
    // Its state is gone with its end: it begins at its first call again.
    const history = stored.transitions.filter(({ change }) => !isOver || change.kind !== "saved");
    const snapshot = history.reduce(applyTransition, emptySnapshot);
    await this.attach(run, new RunJournal(this.ports, run, { snapshot, state: stored.state })).resumed();
  }

  private attach(run: RunRecord, journal: RunJournal): RunJournal {
    this.journals.set(run, journal);
    run.killListeners.add({ abort: (error) => void journal.killed(error).catch(() => undefined) });
    return journal;
  }
}
