import { type RunSummary, type Step, noUsage } from "@plumbline/contracts";
import { hashOf } from "./assemble/text-hash.ts";

/** What a step added to the totals of its run; what is absent is 0. */
export interface Contribution {
  inputTokens?: number;
  outputTokens?: number;
  cachedInputTokens?: number;
  costMicroUsd?: number;
  unpricedCalls?: number;
  errors?: number;
  modelCalls?: number;
  toolCalls?: number;
}

/** What recent steps, by the hash of their ids, added when they were last counted, so that a revision replaces it. Plain JSON, oldest first. */
export type CountedSteps = readonly { step: number; added: Contribution }[];

/** As many as the assembler may still revise. */
const rememberedSteps = 48;

function isFailure({ outcome }: Step): boolean {
  return outcome.class === "error" || outcome.class === "hidden-error";
}

function modelContribution(step: Step): Contribution {
  const added: Contribution = { modelCalls: 1 };
  const { usage, costMicroUsd } = step.model ?? { usage: null, costMicroUsd: null };
  const { inputTokens, outputTokens, cachedInputTokens } = usage ?? noUsage;
  if (inputTokens > 0) added.inputTokens = inputTokens;
  if (outputTokens > 0) added.outputTokens = outputTokens;
  if (cachedInputTokens > 0) added.cachedInputTokens = cachedInputTokens;
  if (costMicroUsd !== null && costMicroUsd > 0) added.costMicroUsd = costMicroUsd;
  if (usage !== null && costMicroUsd === null) added.unpricedCalls = 1;
  return added;
}

function contributionOf(step: Step): Contribution {
  if (step.retracted) return {};
  const added = step.kind === "model" ? modelContribution(step) : { toolCalls: 1 };
  return isFailure(step) ? { ...added, errors: 1 } : added;
}

/** What the step had added, if it is still remembered. */
export function contributionBefore(counted: CountedSteps, stepId: string): Contribution | undefined {
  const key = hashOf(stepId);
  return counted.findLast(({ step }) => step === key)?.added;
}

export function withCounted(counted: CountedSteps, step: Step): CountedSteps {
  const entry = { step: hashOf(step.stepId), added: contributionOf(step) };
  const index = counted.findLastIndex((other) => other.step === entry.step);
  if (index >= 0) return counted.with(index, entry);
  return [...(counted.length < rememberedSteps ? counted : counted.slice(1)), entry];
}

/** The totals after a step. A revision of a step that is no longer remembered changes none. */
export function withTotals(summary: RunSummary, step: Step, before: Contribution | undefined): RunSummary {
  if (before === undefined && step.revision > 0) return summary;
  const after = contributionOf(step);
  const moved = (name: keyof Contribution): number =>
    Math.max(0, summary[name] + (after[name] ?? 0) - (before?.[name] ?? 0));
  return {
    ...summary,
    inputTokens: moved("inputTokens"),
    outputTokens: moved("outputTokens"),
    cachedInputTokens: moved("cachedInputTokens"),
    costMicroUsd: moved("costMicroUsd"),
    unpricedCalls: moved("unpricedCalls"),
    errors: moved("errors"),
    modelCalls: moved("modelCalls"),
    toolCalls: moved("toolCalls"),
  };
}
