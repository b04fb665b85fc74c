import type { FindingKind, Intervention } from "@plumbline/contracts";

/** What a guard in the agent's own process noticed of the same stretch, and did about it. */
export interface AgentNotice {
  /** What the agent calls it. */
  signature: string;
  intervention: Intervention;
  /** Steps that it named, as far as the run knows them; ids shortened. */
  steps: readonly { id: string; sequence: number; name: string }[];
}

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
  byAgent?: AgentNotice;
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
  /** Until when it is on its way however many calls pass, by the agent's clock. */
  graceUntilMs?: number;
  /** When the agent gave the model its nudge, by its clock. */
  nudgeGivenAtMs?: number;
  firstAtMs: number;
  raisedAtMs: number;
  /** When the nudge was due; for escalation by time. */
  nudgedAtMs: number | null;
  pausedAtMs: number | null;
  /** Sequence at the last revision, so that a standing suspicion is not revised without news. */
  atSequence: number;
}

const maxEpisodes = 4;

/** The episodes with one in the place of what it was before; the oldest gives way. */
export function withEpisode(
  episodes: readonly Episode[],
  before: Episode | undefined,
  after: Episode,
): Episode[] {
  return [...episodes.filter((episode) => episode !== before), after].slice(-maxEpisodes);
}
