import { type ApprovalRequest, derivedId } from "@plumbline/contracts";
import { createHash } from "node:crypto";
import type { RunStoppedError } from "../errors.ts";
import type { RunRecord } from "../run/run-record.ts";
import { CallNumbering } from "./call-numbering.ts";
import { CheckpointNews, type NewsPorts } from "./checkpoint-news.ts";
import { type ActionRecord, type ApprovalRecord, emptySnapshot, type RunSnapshot } from "./run-snapshot.ts";
import { stateTextOf } from "./state-text.ts";
import { type TransitionPorts, TransitionWriter } from "./transition-writer.ts";
import type { Action, Settlement } from "./transition.ts";

/** What the journals of one process share. */
export interface JournalPorts extends NewsPorts, TransitionPorts {
  instanceId: string;
  maxStateBytes: number;
}

/** An action about to be performed, as far as the caller knows it. */
export type ProposedAction = Omit<Action, "checkpointId" | "callHash" | "occurrence">;

const maxReasoningCharacters = 4000;

/**
 * Owns: what the transitions of one run mean, which of them are written when, and what follows from them for a resumed
 * run. Does not own: their order and durability (TransitionWriter), where they are kept (store), what is asked of people
 * (approval).
 */
export class RunJournal {
  private readonly ports: JournalPorts;
  private readonly run: RunRecord;
  private readonly news: CheckpointNews;
  private readonly calls: CallNumbering;
  /** Call keys of actions that were in flight when the process before this one ended. */
  private readonly orphans: ReadonlySet<string>;
  private readonly transitions: TransitionWriter;
  private killing: Promise<void> | undefined;
  private stateText: string | null;

  constructor(
    ports: JournalPorts,
    run: RunRecord,
    restored?: { snapshot: RunSnapshot; state: string | null },
  ) {
    const { snapshot = emptySnapshot, state = null } = restored ?? {};
    this.ports = ports;
    this.run = run;
    this.news = new CheckpointNews(ports, run);
    this.transitions = new TransitionWriter(ports, run, snapshot);
    this.stateText = state;
    this.calls = new CallNumbering(snapshot.occurrences);
    const open = [...snapshot.actions.values()].filter(({ phase }) => phase === "started");
    this.orphans = new Set(open.map(({ action }) => action.callKey));
  }

  /** The agent's own state as it was saved last, a copy of its own; undefined when there is none. */
  get state(): unknown {
    return this.stateText === null ? undefined : (JSON.parse(this.stateText) as unknown);
  }

  /**
   * A tool and its arguments are called, once more: the key of this very call, the same in every process of the run. Its
   * result is in no state that is saved before {@link endCall}.
   */
  beginCall(call: string): string {
    const { callHash, occurrence } = this.calls.next(call);
    const callKey = derivedId("i", [this.run.runId, call, occurrence, ...this.life]);
    this.calls.begin(callKey, { callHash, occurrence });
    return callKey;
  }

  /** The same for a call that an earlier process made. */
  takeUpCall({ callKey, callHash, occurrence }: Action): string {
    this.calls.takeUp(callKey, { callHash, occurrence });
    return callKey;
  }

  endCall(callKey: string): void {
    this.calls.end(callKey);
  }

  /** What is known of a call since the last saved state. */
  find(callKey: string): ActionRecord | undefined {
    return this.snapshot.actions.get(callKey);
  }

  approval(approvalId: string): ApprovalRecord | undefined {
    return this.snapshot.approvals.get(approvalId);
  }

  /** External actions since the last saved state, oldest first. */
  actions(): ActionRecord[] {
    return [...this.snapshot.actions.values()];
  }

  /** Actions that were under way when the process before this one ended, and of which nothing is known since. */
  inFlight(): ActionRecord[] {
    return [...this.orphans].flatMap((key) => {
      const record = this.find(key);
      return record?.phase === "started" ? [record] : [];
    });
  }

  /**
   * Keeps the agent's own state.
   * @throws RejectedError when it is no JSON or too large; whatever the store says
   */
  async save(state: unknown, label: string): Promise<void> {
    const text = stateTextOf(state, this.ports.maxStateBytes);
    this.stateText = text;
    if (this.ports.mode === "off") return;
    const stateHash = createHash("sha256").update(text).digest("hex");
    const occurrences = this.calls.seen(this.actions());
    const stateBytes = Buffer.byteLength(text);
    const change = { kind: "saved", label, stateBytes, stateHash, occurrences } as const;
    const sequence = await this.transitions.write({ change, state: text });
    this.news.saved(`c-${String(sequence)}`, { label, stateBytes, stateHash });
  }

  /**
   * Resolves once it is written down that the action is about to begin. One that an earlier process began goes on under
   * its checkpoint.
   */
  async actionStarted(proposed: ProposedAction): Promise<Action> {
    const reasoning = proposed.reasoning.slice(-maxReasoningCharacters);
    const made = this.calls.underWay(proposed.callKey) ?? { callHash: proposed.callKey, occurrence: 0 };
    const begun = this.find(proposed.callKey)?.action.checkpointId;
    let action: Action = { ...proposed, ...made, reasoning, checkpointId: begun ?? "" };
    await this.transitions.attempt((sequence) => {
      action = { ...action, checkpointId: begun ?? ["c", ...this.ofImplicit, sequence].join("-") };
      return { change: { kind: "action-started", action } };
    });
    this.news.action("action-started", action);
    return action;
  }

  /** The tool has answered; a resumed run gets the same answer instead of a second action. */
  async actionEnded(action: Action, phase: "done" | "failed", result: string): Promise<void> {
    const { checkpointId } = action;
    const kind = phase === "done" ? ("action-done" as const) : ("action-failed" as const);
    await this.transitions.writeOrGoOn({ change: { kind, checkpointId, result } });
    this.news.action(kind, action);
  }

  /** The tool was left before its end: the same call comes again, under the same key, and is made then. */
  async actionLeft(action: Action): Promise<void> {
    this.calls.takeBack(action.callKey);
    await this.transitions.writeOrGoOn({
      change: { kind: "action-left", checkpointId: action.checkpointId },
    });
    this.news.action("cleared", action);
  }

  /** Someone decided that an action in flight is not to be pursued. */
  async cleared(action: Action, why: string): Promise<void> {
    await this.transitions.attempt(() => ({
      change: { kind: "cleared", checkpointId: action.checkpointId, why },
    }));
    this.news.action("cleared", action);
  }

  async approvalAsked(callKey: string, request: ApprovalRequest): Promise<void> {
    await this.transitions.attempt(() => ({ change: { kind: "approval-asked", callKey, request } }));
  }

  async approvalSettled(settlement: Settlement): Promise<void> {
    await this.transitions.attempt(() => ({ change: { kind: "approval-settled", settlement } }));
  }

  /** The run is a new one under an id that was used before. */
  async began(): Promise<void> {
    await this.transitions.writeOrGoOn({
      change: { kind: "began", epoch: this.snapshot.epoch },
      state: null,
    });
  }

  /** A run inside this one is about to act: this one has to be there to resume, so that the other is found again. */
  async childActs(): Promise<void> {
    if (this.isUntouched) await this.transitions.attempt(() => ({ change: { kind: "child-acts" } }));
  }

  async resumed(): Promise<void> {
    await this.transitions.write({ change: { kind: "resumed", instanceId: this.ports.instanceId } });
  }

  /** The run came to a halt and may be resumed. Written even when nothing was before: a pause must be resumable. */
  async stopped(reason: string, why: string): Promise<void> {
    await this.transitions.writeOrGoOn({ change: { kind: "stopped", reason, why }, status: "stopped" });
  }

  /** The run failed; what was written down can be resumed from. */
  async failed(reason: string, why: string): Promise<void> {
    if (!this.isUntouched && this.snapshot.killed === undefined) await this.stopped(reason, why);
  }

  /** Final: the state is removed. */
  killed(error: RunStoppedError): Promise<void> {
    if (this.snapshot.killed !== undefined || this.isUntouched) return Promise.resolve();
    const change = { kind: "killed", reason: error.reason, why: error.why } as const;
    this.killing ??= this.transitions.writeOrGoOn({ change, status: "killed", state: null });
    return this.killing;
  }

  async completed(): Promise<void> {
    if (this.isUntouched) return;
    await this.transitions.writeOrGoOn({ change: { kind: "completed" }, status: "completed", state: null });
  }

  /** What tells the calls of this run from those of others that had its id. */
  private get life(): (string | number)[] {
    const { epoch } = this.snapshot;
    return epoch === 0 ? this.ofImplicit : [epoch];
  }

  /**
   * A run that was recognised from its requests may go on in any process, in several at once, and nobody can resume it: it
   * is told to the server alone, under names that no other process gives.
   */
  private get ofImplicit(): (string | number)[] {
    const { declaration, tally } = this.run;
    return declaration.implicit ? [this.ports.instanceId, tally.startedAtMs] : [];
  }

  private get snapshot(): RunSnapshot {
    return this.transitions.snapshot;
  }

  private get isUntouched(): boolean {
    return this.snapshot.lastSequence === 0;
  }
}
