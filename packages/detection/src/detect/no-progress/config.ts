export interface NoProgressConfig {
  /** Times a call came back unchanged although other things were done in between. */
  unchanged: number;
  /** The same where the unchanged answer is not a failure. */
  unchangedAnswer: number;
  /** The same failure of one check, with new information in between. */
  unchangedDespiteNews: number;
}

export const noProgressDefaults: NoProgressConfig = {
  unchanged: 3,
  unchangedAnswer: 5,
  unchangedDespiteNews: 6,
};
