export interface SemanticLoopConfig {
  /** Reworded calls without a result before it is said. */
  calls: number;
  within: number;
  /** Different calls among them. */
  wordings: number;
  /** Mean share of argument words that earlier calls of the row, or the goal, already held. */
  knownWords: number;
  /** Share of calls that hold no new word at all. */
  settledShare: number;
  /** Or: this share of known words, while at most that share of a call is a template. */
  freeKnownWords: number;
  templateShare: number;
  /** Calls in a row that differ in numbers only and come back empty: paging past the end. */
  emptyPages: number;
  /** Sameness from which on a request counts as restated: where nothing came of it, and where something new did. */
  sameness: number;
  fruitfulSameness: number;
  /** Requests in a row that say the same before it is said, and before the run is held. */
  restated: number;
  restatedHeld: number;
  /** Messages in a row without a call before it is said, and before the run is held. */
  messages: number;
  messagesHeld: number;
  /** Share of them that is new, at most. */
  messageNews: number;
}

export const semanticLoopDefaults: SemanticLoopConfig = {
  calls: 5,
  within: 10,
  wordings: 2,
  knownWords: 0.5,
  settledShare: 0.25,
  freeKnownWords: 0.6,
  templateShare: 0.6,
  emptyPages: 7,
  sameness: 0.45,
  fruitfulSameness: 0.65,
  restated: 4,
  restatedHeld: 5,
  messages: 5,
  messagesHeld: 7,
  messageNews: 0.35,
};
