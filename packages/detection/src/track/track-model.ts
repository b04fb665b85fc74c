import type { Step } from "@plumbline/contracts";
import { hash32, mix } from "../features/hash.ts";
import { packHashes } from "../features/pack.ts";
import type { ModelFeatures } from "../features/step-features.ts";
import { markBase, withStep } from "./mark-base.ts";
import { withinModelWindow } from "./model-window.ts";
import type { ModelMark, RunState } from "./run-state.ts";
import { remember } from "./seen.ts";
import { followTopic } from "./topic.ts";
import { usageOf, withUsage } from "./usage.ts";

const maxClaimWords = 8;

function userNews(features: ModelFeatures, fresh: readonly boolean[]): ModelMark["user"] {
  if (features.userText === 0) return 0;
  const news = fresh.filter(Boolean).length;
  return news >= 3 || news > 0.25 * fresh.length ? 2 : 1;
}

/** Share of what an agent says that it had not said before. */
function ownNews(fresh: readonly boolean[]): number {
  return fresh.length === 0 ? 0 : Math.round((100 * fresh.filter(Boolean).length) / fresh.length) / 100;
}

/** Adds an ended model call that was not tracked before. */
export function trackModel(
  before: RunState,
  step: Step,
  features: ModelFeatures,
): { state: RunState; mark: ModelMark } {
  const state = withStep(before, step, []);
  const usage = usageOf(step);
  const speaker = hash32(step.agentName, 0);
  const said = features.content.map((hash) => mix(hash, speaker));
  const { seen, fresh } = remember(state.seen, [...features.userContent, ...said]);
  const user = userNews(features, fresh.slice(0, features.userContent.length));
  const totals = withUsage({ ...state.totals, modelCalls: state.totals.modelCalls + 1 }, usage, 1);
  const mark: ModelMark = {
    ...markBase(state, step, features),
    ...usage,
    round: state.round + 1,
    spent: totals.costMicroUsd,
    text: features.text,
    gain: ownNews(fresh.slice(features.userContent.length)),
    user,
    claims: packHashes(features.claimWords, maxClaimWords),
  };
  const next: RunState = {
    ...state,
    seen,
    topic: followTopic(state.topic, { vocabulary: features.vocabulary, ids: [], heard: true }).topic,
    totals,
    round: state.round + 1,
    expectedCalls: features.toolCalls,
    asked: before.asked || user === 2,
    models: withinModelWindow(state.models, mark),
  };
  return { state: next, mark };
}
