export interface ExactLoopConfig {
  /** Equal calls with equal results in a row. */
  streak: number;
  /** The same when the result is content rather than a failure or nothing. */
  contentStreak: number;
  /** The same when nothing at all was printed: keys, cursor moves, undo. */
  blankStreak: number;
  /** Equal answers in a row of something that is still under way. */
  waitingStreak: number;
  /** Equal failures in a row, each after a longer pause than the one before. */
  backoffStreak: number;
  /** Equal pairs within the last `within` calls. */
  scattered: number;
  scatteredContent: number;
  scatteredBlank: number;
  within: number;
  /** Scattered repeats count while at most this many of the last five calls were new. */
  maxNewInFive: number;
  /** Equal failures of one call that count although a person spoke in between. */
  insisted: number;
  insistedWithin: number;
  /** Equal messages of one agent among its last `messagesWithin`, without a fruitful call in between. */
  messages: number;
  messagesWithin: number;
  /** Laps of a cycle of two calls, and of longer ones. */
  shortLaps: number;
  laps: number;
  maxPeriod: number;
  /** Calls in a row that had all come back so before, whatever their order. */
  staleCalls: number;
}

export const exactLoopDefaults: ExactLoopConfig = {
  streak: 3,
  contentStreak: 3,
  blankStreak: 4,
  waitingStreak: 20,
  backoffStreak: 7,
  scattered: 3,
  scatteredContent: 4,
  scatteredBlank: 8,
  within: 9,
  maxNewInFive: 2,
  insisted: 3,
  insistedWithin: 14,
  messages: 3,
  messagesWithin: 8,
  shortLaps: 3,
  laps: 2,
  maxPeriod: 10,
  staleCalls: 18,
};
