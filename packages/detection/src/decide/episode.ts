import type { FindingKind, Intervention } from "@plumbline/contracts";

/** One finding while it lasts: what repeats, since when, and how far the ladder went. */
export interface Episode {
  findingId: string;
  kind: FindingKind;
  signature: string;
  /** Index of the agent whose call raised it; absent where no call did. */
  agent?: number;
  /** Other kinds that explain it too, and its own kinds from before. */
  also?: readonly FindingKind[];
  /** Names of the tools it is about. */
  names?: readonly string[];
  /** What a model made of it, if one was asked. */
  judged?: "stuck" | "working";
  revision: number;
  intervention: Intervention;
  /** Strongest command that was issued for it. */
  commanded: Intervention;
  firstSequence: number;
  lastProgressSequence: number;
  /** Tool calls without gain since the nudge was given. */
  barren: number;
  /** Calls that may still pass before a nudge counts as given although nobody acked it: it is on its way. */
  graceCalls?: number;
  /** Last step when the agent gave the model its nudge. */
  nudgeGivenAt?: number;
  /** When that was, by the agent's clock. */
  nudgeGivenAtMs?: number;
  firstAtMs: number;
  raisedAtMs: number;
  /** When the nudge was due; for escalation by time. */
  nudgedAtMs: number | null;
  pausedAtMs: number | null;
  /** Sequence at the last revision, so that a standing suspicion is not revised without news. */
  atSequence: number;
}
