import type {
  Ack,
  ApprovalRequest,
  Checkpoint,
  Command,
  Directive,
  Finding,
  Notification,
  Score,
  Step,
} from "@plumbline/contracts";
import type { Comparison } from "@plumbline/detection";

/** A comparison with the run it is about. */
export interface RunComparison {
  tenantId: string;
  runId: string;
  comparison: Comparison;
}

/** What follows from a record; done by the partition's owner, in this order; of a replayed one, the commands alone. */
export interface Effects {
  /** Decisions of the policy, to be appended to the run's commands. */
  commands: Command[];
  /** Acks that came up with the telemetry, to be appended to the run's commands. */
  acks: Ack[];
  /** New control documents, to be signed and published. */
  directives: Directive[];
  /** Findings raised for the first time, to be shown in the run's own trace. */
  raised: Finding[];
  steps: Step[];
  scores: Score[];
  findings: Finding[];
  approvals: ApprovalRequest[];
  checkpoints: Checkpoint[];
  /** Runs that have been paused for long and that nobody resumed. */
  unansweredPauses: Extract<Notification, { kind: "pause-unanswered" }>[];
  /** Commands and acks that were folded, for the tables. */
  foldedCommands: Command[];
  foldedAcks: Ack[];
  /** What detection wants to know of texts, to be answered on the log. */
  comparisons: RunComparison[];
  /** Observations that were left out because their sender does not own the run. */
  refused: { runId: string; owner: string; sender: string }[];
}

export function noEffects(): Effects {
  return {
    commands: [],
    acks: [],
    directives: [],
    raised: [],
    steps: [],
    scores: [],
    findings: [],
    approvals: [],
    checkpoints: [],
    unansweredPauses: [],
    foldedCommands: [],
    foldedAcks: [],
    comparisons: [],
    refused: [],
  };
}

/** The effects of several records as one, each kind in record order. */
export function mergeEffects(all: readonly Effects[]): Effects {
  const merged = noEffects();
  for (const effects of all) {
    for (const name of Object.keys(merged) as (keyof Effects)[])
      (merged[name] as unknown[]).push(...effects[name]);
  }
  return merged;
}
