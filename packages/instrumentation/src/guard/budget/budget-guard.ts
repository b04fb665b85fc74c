import type { Limits } from "@plumbline/contracts";
import { BudgetExceededError } from "../../errors.ts";
import { allow, type Guard, type GuardView, type ProposedCall } from "../guard.ts";

interface Measure {
  limit: keyof Limits;
  /** What the run will have used once the call is made, as far as that is known before. */
  projected: (view: GuardView, call: ProposedCall) => number;
  unit: (amount: number) => string;
}

const count = (noun: string) => (amount: number) => `${String(Math.round(amount))} ${noun}`;

function projectedUsd(view: GuardView, call: ProposedCall): number {
  if (call.kind === "tool") return view.tally.usd;
  const usage = { inputTokens: call.inputTokens, outputTokens: 0, cachedInputTokens: 0 };
  return view.tally.usd + (view.priceOf(call.model, usage) ?? 0);
}

const isModel = (call: ProposedCall): number => (call.kind === "model" ? 1 : 0);

const measures: readonly Measure[] = [
  { limit: "steps", projected: ({ tally }) => tally.steps + 1, unit: count("steps") },
  {
    limit: "modelCalls",
    projected: ({ tally }, call) => tally.modelCalls + isModel(call),
    unit: count("model calls"),
  },
  {
    limit: "toolCalls",
    projected: ({ tally }, call) => tally.toolCalls + 1 - isModel(call),
    unit: count("tool calls"),
  },
  {
    limit: "inputTokens",
    projected: ({ tally }, call) =>
      tally.inputTokens + (call.kind === "model" ? Math.max(1, call.inputTokens) : 0),
    unit: count("input tokens"),
  },
  {
    limit: "outputTokens",
    projected: ({ tally }, call) => tally.outputTokens + isModel(call),
    unit: count("output tokens"),
  },
  {
    limit: "cachedInputTokens",
    projected: ({ tally }) => tally.cachedInputTokens,
    unit: count("cached input tokens"),
  },
  { limit: "usd", projected: projectedUsd, unit: (amount) => `$${amount.toFixed(4)}` },
  {
    limit: "wallTimeMs",
    projected: ({ tally, nowMs }) => nowMs - tally.startedAtMs,
    unit: count("ms of wall time"),
  },
];

/** Stops a run before the call that would break one of its limits; the first limit to trip is named. */
export const budgetGuard: Guard = {
  name: "budget",
  beforeCall(view, call) {
    for (const { limit, projected, unit } of measures) {
      const most = view.limits[limit];
      if (most === undefined) continue;
      const amount = projected(view, call);
      if (amount <= most) continue;
      const what = call.kind === "model" ? `a call of ${call.model}` : `a call of ${call.toolName}`;
      const why = `${what} would make it ${unit(amount)}; the limit is ${unit(most)}`;
      return { verdict: "deny", error: new BudgetExceededError(limit, { runId: view.runId, why }) };
    }
    return allow;
  },
};
