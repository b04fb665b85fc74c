import type { Limits, Usage } from "@plumbline/contracts";
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
}

/** The call that wants to pass, with what can be told of it beforehand. */
export type ProposedCall =
  | { kind: "model"; model: string; provider: string; inputTokens: number }
  | { kind: "tool"; toolName: string };

/** What a guard may look at. */
export interface GuardView {
  runId: string;
  limits: Limits;
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

/** A limit enforced in the agent's own process. Pure: it is shown everything and keeps nothing. */
export interface Guard {
  name: string;
  beforeCall(view: GuardView, call: ProposedCall): GuardVerdict;
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
  };
}
