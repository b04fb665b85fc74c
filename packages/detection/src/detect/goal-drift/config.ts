import type { DriftFacts } from "./drift-facts.ts";

export interface GoalDriftConfig {
  /** Evidence that is told; more is needed for fewer findings. */
  evidence: number;
}

/** How much each fact weighs, as `bench/drift-weights.ts` finds them. */
export const driftWeights: DriftFacts = {
  knownWords: -0.6,
  newWords: 0.73,
  knownEntities: -0.67,
  usual: 1.4,
  recent: -0.29,
  latest: -0.69,
  acts: 1.13,
  elsewhere: 1.3,
};

export const goalDriftDefaults: GoalDriftConfig = { evidence: 5.65 };
