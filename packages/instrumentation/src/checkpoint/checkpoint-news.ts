import type { Checkpoint, Clock } from "@plumbline/contracts";
import type { RunRecord } from "../run/run-record.ts";
import type { Action } from "./transition.ts";

export interface NewsPorts {
  /** `required`: what can't be written down is not done. `on`: it is done all the same. `off`: nothing is written. */
  mode: "on" | "required" | "off";
  clock: Clock;
  tenantId: string;
  /** Tells the server. */
  report: (run: RunRecord, checkpoint: Checkpoint) => void;
  /** What may leave the process of a text; null for nothing. */
  redacted: (text: string) => string | null;
}

type SavedState = Pick<Checkpoint, "label" | "stateBytes" | "stateHash">;
type CheckpointFacts = Omit<Checkpoint, "version" | "tenantId" | "runId" | "sequence" | "atMs">;

const noAction = { stepId: "", toolName: null, arguments: null, idempotencyKey: null, reasoning: "" };
const noState: SavedState = { label: "", stateBytes: 0, stateHash: "" };

/** Tells the server of the checkpoints of one run; of none where nothing is written down. */
export class CheckpointNews {
  private readonly ports: NewsPorts;
  private readonly run: RunRecord;

  constructor(ports: NewsPorts, run: RunRecord) {
    this.ports = ports;
    this.run = run;
  }

  saved(checkpointId: string, state: SavedState): void {
    this.tell({ ...noAction, checkpointId, phase: "saved", ...state });
  }

  action(phase: Exclude<Checkpoint["phase"], "saved">, action: Action): void {
    if (this.ports.mode === "off") return;
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
