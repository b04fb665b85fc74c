import type { Limits } from "@plumbline/contracts";
import { BudgetExceededError } from "../../errors.ts";
import { allow, type Guard, type GuardNotice, type GuardView, type ProposedCall } from "../guard.ts";

interface Measure {
  limit: keyof Limits;
  /** What the run will have used once the call is made, as far as that is known before. */
  projected: (view: GuardView, call: ProposedCall) => number;
  unit: (amount: number) => string;
}

const count = (noun: string) => (amount: number) => `${String(Math.round(amount))} ${noun}`;

function projectedUsd(view: GuardView, call: ProposedCall): number {
  const used = view.tally.usd + view.tally.reserved.usd;
  return call.kind === "tool" ? used : used + (projectedCost(view, call) ?? 0);
}

/** What a model call may cost, in US dollars; null where its price is not known. */
export function projectedCost(
  view: Pick<GuardView, "priceOf">,
  { model, inputTokens, maxOutputTokens }: Extract<ProposedCall, { kind: "model" }>,
): number | null {
  return view.priceOf(model, { inputTokens, outputTokens: maxOutputTokens ?? 0, cachedInputTokens: 0 });
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
      tally.inputTokens +
      tally.reserved.inputTokens +
      (call.kind === "model" ? Math.max(1, call.inputTokens) : 0),
    unit: count("input tokens"),
  },
  {
    limit: "outputTokens",
    projected: ({ tally }, call) =>
      tally.outputTokens +
      tally.reserved.outputTokens +
      (call.kind === "model" ? Math.max(1, call.maxOutputTokens ?? 1) : 0),
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

function softNotice({ limit, share, most }: { limit: string; share: number; most: string }): GuardNotice {
  const used = `${String(Math.floor(share * 100))} % of the limit of ${most} is used`;
  return {
    kind: "budget",
    signature: `${limit} ${most}`,
    summary: `With the next call, ${used}.`,
    nudge: `${used}. Finish the most important part now and report what is left.`,
  };
}

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
  noticesBefore(view, call) {
    const { softLimit, limits } = view;
    if (softLimit === null) return [];
    return measures.flatMap(({ limit, projected, unit }) => {
      const most = limits[limit];
      if (most === undefined || most === 0) return [];
      const share = projected(view, call) / most;
      return share < softLimit ? [] : [softNotice({ limit, share, most: unit(most) })];
    });
  },
};
