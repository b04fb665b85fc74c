import {
  type ApprovalRequest,
  type Checkpoint,
  type Clock,
  derivedId,
  messageOf,
  RejectedError,
} from "@plumbline/contracts";
import { createHash } from "node:crypto";
import { runStoppedIn, type RunStoppedError } from "../errors.ts";
import type { RunRecord } from "../run/run-record.ts";
import { debugLog } from "../transport/debug-log.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import {
  type ActionRecord,
  type ApprovalRecord,
  applyTransition,
  emptySnapshot,
  type RunSnapshot,
} from "./run-snapshot.ts";
import type { Action, Change, RunHead, Settlement } from "./transition.ts";

/** What the journals of one process share. */
export interface JournalPorts {
  store: CheckpointStore;
  /** `required`: what can't be written down is not done. `on`: it is done all the same. `off`: nothing is written. */
  mode: "on" | "required" | "off";
  clock: Clock;
  tenantId: string;
  instanceId: string;
  maxStateBytes: number;
  /** Tells the server. */
  report: (run: RunRecord, checkpoint: Checkpoint) => void;
  /** What may leave the process of a text; null for nothing. */
  redacted: (text: string) => string | null;
}

/** An action about to be performed, as far as the caller knows it. */
export type ProposedAction = Omit<Action, "checkpointId" | "callHash" | "occurrence">;

interface Writing {
  change: Change;
  status?: RunHead["status"];
  state?: string | null;
}

type CheckpointFacts = Omit<Checkpoint, "version" | "tenantId" | "runId" | "sequence" | "atMs">;

const noAction = { stepId: "", toolName: null, arguments: null, idempotencyKey: null, reasoning: "" };
const noState = { label: "", stateBytes: 0, stateHash: "" };

const maxReasoningCharacters = 4000;

/**
 * Owns: the history of one run in this process, written before what it announces is done, and what follows from it for
 * a resumed run. Does not own: where it is kept (store), what is asked of people (approval).
 */
export class RunJournal {
  private readonly ports: JournalPorts;
  private readonly run: RunRecord;
  private readonly occurrences: Map<string, number>;
  /** Call keys of actions that were in flight when the process before this one ended. */
  private readonly orphans: ReadonlySet<string>;
  /** Calls whose results the agent has not got yet. */
  private readonly underWay = new Map<string, Pick<Action, "callHash" | "occurrence">>();
  private snapshot: RunSnapshot;
  private killing: Promise<void> | undefined;
  private writing: Promise<unknown> = Promise.resolve();

  private stateText: string | null;

  constructor(
    ports: JournalPorts,
    run: RunRecord,
    restored?: { snapshot: RunSnapshot; state: string | null },
  ) {
    const { snapshot = emptySnapshot, state = null } = restored ?? {};
    this.ports = ports;
    this.run = run;
    this.snapshot = snapshot;
    this.stateText = state;
    this.occurrences = new Map(Object.entries(snapshot.occurrences));
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
    const callHash = createHash("sha256").update(call).digest("hex").slice(0, 32);
    const occurrence = this.occurrences.get(callHash) ?? 0;
    this.occurrences.set(callHash, occurrence + 1);
    const { epoch } = this.snapshot;
    const ofEpoch = epoch === 0 ? [] : [epoch];
    const callKey = derivedId("i", [this.run.runId, call, occurrence, ...ofEpoch]);
    this.underWay.set(callKey, { callHash, occurrence });
    return callKey;
  }

  /** The same for a call that an earlier process made. */
  takeUpCall({ callKey, callHash, occurrence }: Action): string {
    this.underWay.set(callKey, { callHash, occurrence });
    return callKey;
  }

  endCall(callKey: string): void {
    this.underWay.delete(callKey);
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
    const text = this.jsonOf(state);
    this.stateText = text;
    if (this.ports.mode === "off") return;
    const stateHash = createHash("sha256").update(text).digest("hex");
    const occurrences = this.seenCalls();
    const stateBytes = Buffer.byteLength(text);
    const change = { kind: "saved", label, stateBytes, stateHash, occurrences } as const;
    const sequence = await this.write({ change, state: text });
    this.tell({
      ...noAction,
      checkpointId: `c-${String(sequence)}`,
      phase: "saved",
      label,
      stateBytes,
      stateHash,
    });
  }

  /**
   * Resolves once it is written down that the action is about to begin. One that an earlier process began goes on under
   * its checkpoint.
   */
  async actionStarted(proposed: ProposedAction): Promise<Action> {
    const reasoning = proposed.reasoning.slice(-maxReasoningCharacters);
    const made = this.underWay.get(proposed.callKey) ?? { callHash: proposed.callKey, occurrence: 0 };
    const begun = this.find(proposed.callKey)?.action.checkpointId;
    let action: Action = { ...proposed, ...made, reasoning, checkpointId: begun ?? "" };
    await this.attempt((sequence) => {
      action = { ...action, checkpointId: begun ?? `c-${String(sequence)}` };
      return { change: { kind: "action-started", action } };
    });
    this.tellOfAction("action-started", action);
    return action;
  }

  /** The tool has answered; a resumed run gets the same answer instead of a second action. */
  async actionEnded(action: Action, phase: "done" | "failed", result: string): Promise<void> {
    const { checkpointId } = action;
    const kind = phase === "done" ? ("action-done" as const) : ("action-failed" as const);
    await this.writeOrGoOn({ change: { kind, checkpointId, result } });
    this.tellOfAction(kind, action);
  }

  /** Someone decided that an action in flight is not to be pursued. */
  async cleared(action: Action, why: string): Promise<void> {
    await this.attempt(() => ({ change: { kind: "cleared", checkpointId: action.checkpointId, why } }));
    this.tellOfAction("cleared", action);
  }

  async approvalAsked(callKey: string, request: ApprovalRequest): Promise<void> {
    await this.attempt(() => ({ change: { kind: "approval-asked", callKey, request } }));
  }

  async approvalSettled(settlement: Settlement): Promise<void> {
    await this.attempt(() => ({ change: { kind: "approval-settled", settlement } }));
  }

  /** The run is a new one under an id that was used before. */
  async began(): Promise<void> {
    await this.writeOrGoOn({ change: { kind: "began", epoch: this.snapshot.epoch }, state: null });
  }

  async resumed(): Promise<void> {
    await this.write({ change: { kind: "resumed", instanceId: this.ports.instanceId } });
  }

  /** The run came to a halt and may be resumed. Written even when nothing was before: a pause must be resumable. */
  async stopped(reason: string, why: string): Promise<void> {
    await this.writeOrGoOn({ change: { kind: "stopped", reason, why }, status: "stopped" });
  }

  /** The run failed; what was written down can be resumed from. */
  async failed(reason: string, why: string): Promise<void> {
    if (!this.isUntouched && this.snapshot.killed === undefined) await this.stopped(reason, why);
  }

  /** Final: the state is removed. */
  killed(error: RunStoppedError): Promise<void> {
    if (this.snapshot.killed !== undefined || this.isUntouched) return Promise.resolve();
    const change = { kind: "killed", reason: error.reason, why: error.why } as const;
    this.killing ??= this.writeOrGoOn({ change, status: "killed", state: null });
    return this.killing;
  }

  async completed(): Promise<void> {
    if (this.isUntouched) return;
    await this.writeOrGoOn({ change: { kind: "completed" }, status: "completed", state: null });
  }

  /** By call, how many the agent has seen the results of: what a state that is saved now may hold. */
  private seenCalls(): Record<string, number> {
    for (const { action, phase } of this.snapshot.actions.values()) {
      // An action that was taken up and settled is as good as called: the next such call is another one.
      const { callHash, occurrence } = action;
      const counted = this.occurrences.get(callHash) ?? 0;
      if (phase !== "started") this.occurrences.set(callHash, Math.max(counted, occurrence + 1));
    }
    const seen = Object.fromEntries(this.occurrences);
    for (const { callHash, occurrence } of this.underWay.values())
      seen[callHash] = Math.min(seen[callHash] ?? 0, occurrence);
    return seen;
  }

  private get isUntouched(): boolean {
    return this.snapshot.lastSequence === 0;
  }

  private jsonOf(state: unknown): string {
    const text = JSON.stringify(state) as string | undefined;
    const { maxStateBytes } = this.ports;
    if (text === undefined) {
      throw new RejectedError("The state of the run is no JSON value.", {
        code: "STATE_NOT_JSON",
        mend: "Give run.checkpoint() plain data: objects, lists, texts, numbers.",
      });
    }
    if (Buffer.byteLength(text) <= maxStateBytes) return text;
    throw new RejectedError(`The state of the run has more than ${String(maxStateBytes)} bytes.`, {
      code: "STATE_TOO_LARGE",
      mend: "Keep large data elsewhere and its name in the state, or raise maxStateBytes.",
    });
  }

  /** Writes what must be known before it is done; whether a failure holds it up is for the mode to say. */
  private async attempt(make: (sequence: number) => Writing): Promise<void> {
    if (this.ports.mode === "required") await this.writeNext(make);
    else await this.writeOrGoOn(make);
  }

  private async writeOrGoOn(writing: Writing | ((sequence: number) => Writing)): Promise<void> {
    const make = typeof writing === "function" ? writing : () => writing;
    try {
      await this.writeNext(make);
    } catch (thrown) {
      if (runStoppedIn(thrown) !== undefined) throw thrown;
      debugLog("a checkpoint of run %s was not written: %s", this.run.runId, messageOf(thrown));
      this.apply(make(this.snapshot.lastSequence + 1).change, this.snapshot.lastSequence);
    }
  }

  private write(writing: Writing): Promise<number> {
    return this.writeNext(() => writing);
  }

  /** One after the other; resolves to the sequence once it is durable. */
  private writeNext(make: (sequence: number) => Writing): Promise<number> {
    const done = this.writing.then(async () => {
      const sequence = this.snapshot.lastSequence + 1;
      const { change, state, ...rest } = make(sequence);
      // What still comes in after a kill is history; it brings nothing back.
      const isKilled = this.snapshot.killed !== undefined;
      const status = isKilled ? "killed" : (rest.status ?? "live");
      const kept = isKilled ? undefined : state;
      const transition = { sequence, atMs: this.ports.clock.nowMs(), change };
      if (this.ports.mode !== "off") {
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
    this.snapshot = applyTransition(this.snapshot, { sequence, atMs: this.ports.clock.nowMs(), change });
  }

  private head(status: RunHead["status"]): RunHead {
    const { declaration, tally } = this.run;
    const { agentName, goal, conversationId } = declaration;
    const updatedAtMs = this.ports.clock.nowMs();
    return {
      agentName,
      goal,
      conversationId,
      limits: this.run.limits(),
      tally: { ...tally },
      status,
      updatedAtMs,
    };
  }

  private tellOfAction(phase: Exclude<Checkpoint["phase"], "saved">, action: Action): void {
    const { checkpointId, stepId, toolName, argumentsText, idempotencyKey } = action;
    const { redacted } = this.ports;
    this.tell({
      ...noState,
      checkpointId,
      phase,
      stepId,
      toolName,
      arguments: redacted(argumentsText),
      idempotencyKey,
      reasoning: redacted(action.reasoning) ?? "",
    });
  }

  private tell(facts: CheckpointFacts): void {
    const { tenantId, clock, mode } = this.ports;
    if (mode === "off") return;
    const { runId, tally } = this.run;
    const atMs = clock.nowMs();
    this.ports.report(this.run, { version: 1, tenantId, runId, sequence: tally.steps, atMs, ...facts });
  }
}
