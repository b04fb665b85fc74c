import { fullStepId } from "../../track/step-ids.ts";
import type { Limits } from "@plumbline/contracts";
import { type Detector, nameOf, type RunView, type Suspicion } from "../detector.ts";
import { type BudgetConfig, budgetDefaults } from "./config.ts";

const microUsd = 1_000_000;

interface Use {
  limit: keyof Limits;
  used: number;
  allowed: number;
}

function usesOf(view: RunView): Use[] {
  const { limits, totals, startMs } = view.state;
  const used: Record<keyof Limits, number> = {
    usd: totals.costMicroUsd / microUsd,
    steps: totals.modelCalls + totals.toolCalls,
    modelCalls: totals.modelCalls,
    toolCalls: totals.toolCalls,
    inputTokens: totals.inputTokens,
    outputTokens: totals.outputTokens,
    cachedInputTokens: totals.cachedTokens,
    wallTimeMs: startMs === 0 ? 0 : view.nowMs - startMs,
  };
  return (Object.keys(used) as (keyof Limits)[]).flatMap((limit) => {
    const allowed = limits[limit];
    return allowed === undefined ? [] : [{ limit, used: used[limit], allowed }];
  });
}

const shareOf = ({ used, allowed }: Use): number => used / Math.max(allowed, Number.MIN_VALUE);

function amount(limit: keyof Limits, value: number): string {
  if (limit === "usd") return `$${value.toFixed(2)}`;
  if (limit === "wallTimeMs") return `${String(Math.round(value / 1000))} s`;
  return `${String(Math.round(value))} ${limit}`;
}

/** What the run will have used at this pace when it has made as many steps again as it has left to the limit's share. */
function projection(view: RunView, use: Use): string {
  const elapsedMs = view.nowMs - view.state.startMs;
  if (elapsedMs <= 0 || use.used <= 0) return "";
  const leftMs = ((use.allowed - use.used) / use.used) * elapsedMs;
  return leftMs <= 0 ? "" : ` At this pace the limit is reached in ${String(Math.round(leftMs / 1000))} s.`;
}

function suspicionOf(view: RunView, use: Use): Suspicion {
  const exceeded = use.used >= use.allowed;
  const latest = view.latest?.mark;
  return {
    kind: "budget",
    signature: `${use.limit}.${String(use.allowed)}`,
    confidence: exceeded ? 1 : 0.7,
    urgency: exceeded ? "at-once" : "note",
    summary: `${amount(use.limit, use.used)} of ${amount(use.limit, use.allowed)} used.${exceeded ? "" : projection(view, use)}`,
    ruledOut: "",
    evidence:
      latest === undefined
        ? []
        : [
            {
              stepId: fullStepId(view.state.traces, latest.id),
              sequence: latest.sequence,
              name: nameOf(view, latest),
              broughtNew: false,
            },
          ],
    facts: {
      names: [use.limit],
      count: Math.round((100 * use.used) / Math.max(use.allowed, Number.MIN_VALUE)),
    },
  };
}

/** Steps, tokens, money and wall time against the run's limits: about to be reached, and reached. */
export const budget: Detector<BudgetConfig> = {
  kind: "budget",
  version: "1",
  defaults: budgetDefaults,
  inspect(view, config) {
    const worst = usesOf(view)
      .map((use) => ({ use, share: shareOf(use) }))
      .filter(({ share }) => share >= config.warnShare)
      .sort((a, b) => b.share - a.share)[0];
    return worst === undefined ? null : suspicionOf(view, worst.use);
  },
  sameUntilMs(view, config) {
    const { limits, startMs } = view.state;
    const { wallTimeMs } = limits;
    if (wallTimeMs === undefined || startMs === 0) return Number.POSITIVE_INFINITY;
    // Time may come to be what is used up most of all.
    const otherShares = usesOf(view)
      .filter(({ limit }) => limit !== "wallTimeMs")
      .map(shareOf);
    const turnsMs = [config.warnShare, 1, ...otherShares].map((share) => startMs + wallTimeMs * share);
    return Math.min(...turnsMs.filter((turnMs) => turnMs > view.nowMs));
  },
};
