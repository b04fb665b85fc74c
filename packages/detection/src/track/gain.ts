import type { ToolFeatures } from "../features/step-features.ts";

export interface GainFacts {
  features: ToolFeatures;
  isNewPair: boolean;
  isNewCall: boolean;
  isNewFailure: boolean;
  /** How many content hashes of the result were unseen. */
  freshContent: number;
}

const newFailureGain = 0.3;
const minimalShare = 0.2;
const richContent = 4;

export const isFailed = (result: { outcome: ToolFeatures["outcome"] }): boolean =>
  result.outcome === "error" || result.outcome === "hidden-error";

const rounded = (value: number): number => Math.round(value * 100) / 100;

function resultGain(facts: GainFacts): number {
  const { features, isNewFailure, freshContent } = facts;
  const share = features.content.length === 0 ? 0 : freshContent / features.content.length;
  // Whatever else a failure repeats: what failed, and how, is new.
  if (isFailed(features)) return isNewFailure && freshContent > 0 ? newFailureGain : 0;
  const tells = share >= minimalShare || freshContent >= richContent;
  if (!tells) return 0;
  return rounded(Math.max(share, minimalShare));
}

const mayAct = (features: ToolFeatures): boolean =>
  features.mutates !== false && (features.outcome === "ok" || features.blank);

/**
 * What a tool call brought: `gain` = share of its result that the run did not have; `act` = a new call that worked but
 * whose result tells nothing, so that it may have changed something outside.
 */
export function gainOf(facts: GainFacts): { gain: number; act: boolean } {
  const { features, isNewPair, isNewCall } = facts;
  if (!isNewPair) return { gain: 0, act: false };
  const gain = resultGain(facts);
  return { gain, act: gain === 0 && isNewCall && mayAct(features) };
}
