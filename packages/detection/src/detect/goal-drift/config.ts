export interface GoalDriftConfig {
  /** Acts in the window, and acts before it that give the run its own measure. */
  acts: number;
  minimumBefore: number;
  /** Share of old words in the window below which it says nothing of the goal any more. */
  share: number;
  /** The same for a short window; stricter, and only relative to the run's own share. */
  shortActs: number;
  shortShare: number;
  shortRatio: number;
  /** Where this many calls in a row are all of tools that the run had not used, larger shares will do. */
  newTools: number;
  newToolsShare: number;
  newToolsShortShare: number;
  /** Words, weighed, that the windows have to hold. */
  windowWeight: number;
  shortWeight: number;
}

export const goalDriftDefaults: GoalDriftConfig = {
  acts: 8,
  minimumBefore: 4,
  share: 0.2,
  shortActs: 4,
  shortShare: 0.1,
  shortRatio: 0.25,
  newTools: 3,
  newToolsShare: 0.26,
  newToolsShortShare: 0.15,
  windowWeight: 24,
  shortWeight: 20,
};
