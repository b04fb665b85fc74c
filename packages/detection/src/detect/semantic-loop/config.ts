export interface SemanticLoopConfig {
  /** Reworded calls without a result before it is said. */
  calls: number;
  within: number;
  /** Mean share of argument words that earlier calls of the row, or the goal, already held. */
  knownWords: number;
  /** Share of calls that hold no new word at all. */
  settledShare: number;
}

export const semanticLoopDefaults: SemanticLoopConfig = {
  calls: 5,
  within: 10,
  knownWords: 0.5,
  settledShare: 0.25,
};
