import type { DriftFacts } from "./drift-facts.ts";

export interface GoalDriftConfig {
  /** Evidence that is told; more is needed for fewer findings. */
  evidence: number;
}

/** How much each fact weighs, as `bench/drift-weights.ts` finds them. */
export const driftWeights: DriftFacts = {
  knownWords: -0.79,
  newWords: 1.41,
  knownEntities: -0.5,
  usual: 1.09,
  recent: -0.41,
  latest: -0.39,
  acts: 2.68,
  elsewhere: 1.31,
};

export const goalDriftDefaults: GoalDriftConfig = { evidence: 11.5 };
