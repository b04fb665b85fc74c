import type { Step } from "@plumbline/contracts";
import type { ModelMark, Totals } from "./run-state.ts";

export type MarkUsage = Pick<ModelMark, "inputTokens" | "outputTokens" | "cachedTokens" | "cost">;

const nothing: MarkUsage = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, cost: 0 };

/** Tokens and money of a model call; what the step does not tell is taken from `known`. */
export function usageOf(step: Step, known: MarkUsage = nothing): MarkUsage {
  const usage = step.model?.usage;
  const tokens =
    usage === null || usage === undefined
      ? known
      : {
          inputTokens: usage.inputTokens,
          outputTokens: usage.outputTokens,
          cachedTokens: usage.cachedInputTokens,
        };
  return {
    inputTokens: tokens.inputTokens,
    outputTokens: tokens.outputTokens,
    cachedTokens: tokens.cachedTokens,
    cost: step.model?.costMicroUsd ?? known.cost,
  };
}

/** Totals with the usage of one call added, or taken away with `sign` -1. */
export function withUsage(totals: Totals, usage: MarkUsage, sign: 1 | -1): Totals {
  return {
    ...totals,
    inputTokens: totals.inputTokens + sign * usage.inputTokens,
    outputTokens: totals.outputTokens + sign * usage.outputTokens,
    cachedTokens: totals.cachedTokens + sign * usage.cachedTokens,
    costMicroUsd: totals.costMicroUsd + sign * usage.cost,
  };
}
