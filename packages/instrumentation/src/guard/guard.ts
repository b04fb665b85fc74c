import type { FindingKind, Limits, Usage } from "@plumbline/contracts";
import type { RunStoppedError } from "../errors.ts";

/** What a run, its children included, has used up so far. */
export interface Tally {
  startedAtMs: number;
  steps: number;
  modelCalls: number;
  toolCalls: number;
  inputTokens: number;
  outputTokens: number;
  cachedInputTokens: number;
  usd: number;
  /** What calls under way may still use up. */
  reserved: Reservation;
}

export interface Reservation {
  inputTokens: number;
  outputTokens: number;
  usd: number;
}

/** The call that wants to pass, with what can be told of it beforehand. */
export type ProposedCall = (
  | {
      kind: "model";
      model: string;
      provider: string;
      /** Estimated from the request. */
      inputTokens: number;
      /** The most the request allows for; absent where it sets no bound. */
      maxOutputTokens?: number | undefined;
    }
  | { kind: "tool"; toolName: string }
) & {
  /** Counts the call, in the same moment in which it passes: of calls at once, each sees the ones before. */
  onPass?: () => void;
};

/** What a guard may look at. */
export interface GuardView {
  runId: string;
  limits: Limits;
  /** Share of a limit from which on the agent is warned; null: never. */
  softLimit: number | null;
  tally: Readonly<Tally>;
  nowMs: number;
  /** Price of a model call in US dollars; null where it is not known. */
  priceOf(
    model: string,
    usage: Pick<Usage, "inputTokens" | "outputTokens" | "cachedInputTokens">,
  ): number | null;
}

/** In the words of the OWASP Agent Control Standard, as far as local guards use them. */
export type GuardVerdict = { verdict: "allow" } | { verdict: "deny"; error: RunStoppedError };

/** What a guard has to say of a call that it allows. */
export interface GuardNotice {
  kind: FindingKind;
  /** Told once as long as it stays the same. */
  signature: string;
  /** For people. */
  summary: string;
  /** For the agent. */
  nudge: string;
}

/** A limit enforced in the agent's own process. Pure: it is shown everything and keeps nothing. */
export interface Guard {
  name: string;
  beforeCall(view: GuardView, call: ProposedCall): GuardVerdict;
  noticesBefore(view: GuardView, call: ProposedCall): GuardNotice[];
}

export const allow: GuardVerdict = { verdict: "allow" };

export function emptyTally(startedAtMs: number): Tally {
  return {
    startedAtMs,
    steps: 0,
    modelCalls: 0,
    toolCalls: 0,
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
    usd: 0,
    reserved: { inputTokens: 0, outputTokens: 0, usd: 0 },
  };
}

const counters = [
  "steps",
  "modelCalls",
  "toolCalls",
  "inputTokens",
  "outputTokens",
  "cachedInputTokens",
  "usd",
] as const;

/** Adds what was used, or takes back what was not. */
export function addToTally(tally: Tally, used: Partial<Tally>): void {
  for (const name of counters) tally[name] += used[name] ?? 0;
  if (used.reserved === undefined) return;
  for (const name of ["inputTokens", "outputTokens", "usd"] as const)
    tally.reserved[name] += used.reserved[name];
}
