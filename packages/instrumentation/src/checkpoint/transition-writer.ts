import { messageOf, RejectedError } from "@plumbline/contracts";
import { runStoppedIn } from "../errors.ts";
import type { RunRecord } from "../run/run-record.ts";
import { debugLog } from "../transport/debug-log.ts";
import type { NewsPorts } from "./checkpoint-news.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { applyTransition, type RunSnapshot, withoutHistory } from "./run-snapshot.ts";
import type { Change, RunHead } from "./transition.ts";

export interface TransitionPorts extends Pick<NewsPorts, "mode" | "clock" | "tenantId"> {
  store: CheckpointStore;
}

/** A transition to be written, the run's status after it, and the agent's state where it changes. */
export interface Writing {
  change: Change;
  status?: RunHead["status"];
  state?: string | null;
}

/** Where a record is required, what can't be written down is not done. */
const notKept = (runId: string): RejectedError =>
  new RejectedError(
    `CHECKPOINT_REQUIRED: run ${runId} was recognised from its requests, and nothing is written down of such a run. It was not done.`,
    {
      code: "CHECKPOINT_REQUIRED",
      mend: "Put supervise() around the agent, declare the tool safe, or set `checkpoints` to on.",
    },
  );

/**
 * Owns: the transitions of one run in their order, each applied to the snapshot once it is durable. Does not own: what they
 * mean (RunJournal).
 */
export class TransitionWriter {
  private readonly ports: TransitionPorts;
  private readonly run: RunRecord;
  private latest: RunSnapshot;
  private writing: Promise<unknown> = Promise.resolve();

  constructor(ports: TransitionPorts, run: RunRecord, snapshot: RunSnapshot) {
    this.ports = ports;
    this.run = run;
    this.latest = snapshot;
  }

  /** What is written so far, and what could not be but happened. */
  get snapshot(): RunSnapshot {
    return this.latest;
  }

  /** Writes what must be known before it is done; whether a failure holds it up is for the mode to say. */
  async attempt(make: (sequence: number) => Writing): Promise<void> {
    if (this.ports.mode !== "required") return this.writeOrGoOn(make);
    if (this.run.declaration.implicit) throw notKept(this.run.runId);
    await this.writeNext(make);
  }

  /** Writes what happens in any case; a failure of the store is logged, and this process goes on with what it knows. */
  async writeOrGoOn(writing: Writing | ((sequence: number) => Writing)): Promise<void> {
    const make = typeof writing === "function" ? writing : () => writing;
    try {
      await this.writeNext(make);
    } catch (thrown) {
      if (runStoppedIn(thrown) !== undefined) throw thrown;
      debugLog("a checkpoint of run %s was not written: %s", this.run.runId, messageOf(thrown));
      this.apply(make(this.latest.lastSequence + 1).change, this.latest.lastSequence);
    }
  }

  /**
   * Resolves to the sequence once it is durable.
   * @throws whatever the store says
   */
  write(writing: Writing): Promise<number> {
    return this.writeNext(() => writing);
  }

  /** One after the other; resolves to the sequence once it is durable. */
  private writeNext(make: (sequence: number) => Writing): Promise<number> {
    const done = this.writing.then(async () => {
      const sequence = this.latest.lastSequence + 1;
      const { change, state, ...rest } = make(sequence);
      // What still comes in after a kill is history; it brings nothing back.
      const isKilled = this.latest.killed !== undefined;
      const status = isKilled ? "killed" : (rest.status ?? "live");
      const kept = isKilled ? undefined : state;
      const transition = { sequence, atMs: this.ports.clock.nowMs(), change };
      if (this.ports.mode !== "off" && !this.run.declaration.implicit) {
        const { tenantId } = this.ports;
        const entry = { head: this.head(status), transition, ...(kept === undefined ? {} : { state: kept }) };
        await this.ports.store.append({ tenantId, runId: this.run.runId }, entry);
      }
      this.apply(change, sequence);
      return sequence;
    });
    this.writing = done.catch(() => undefined);
    return done;
  }

  private apply(change: Change, sequence: number): void {
    const next = applyTransition(this.latest, { sequence, atMs: this.ports.clock.nowMs(), change });
    this.latest = this.run.declaration.implicit ? withoutHistory(next) : next;
  }

  private head(status: RunHead["status"]): RunHead {
    const { declaration, tally } = this.run;
    const { agentName, goal, conversationId, partOf } = declaration;
    const updatedAtMs = this.ports.clock.nowMs();
    return {
      agentName,
      goal,
      conversationId,
      partOf,
      limits: this.run.limits(),
      tally: { ...tally },
      status,
      updatedAtMs,
    };
  }
}
