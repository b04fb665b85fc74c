export interface ExactLoopConfig {
  /** Equal calls with equal results in a row. */
  streak: number;
  /** The same when the result is content rather than a failure or nothing. */
  contentStreak: number;
  /** Equal answers in a row of something that is still under way. */
  waitingStreak: number;
  /** Equal pairs within the last `within` calls. */
  scattered: number;
  within: number;
  /** Scattered repeats count while at most this many of the last five calls were new. */
  maxNewInFive: number;
  /** Laps of a cycle of two calls, and of longer ones. */
  shortLaps: number;
  laps: number;
  maxPeriod: number;
}

export const exactLoopDefaults: ExactLoopConfig = {
  streak: 3,
  contentStreak: 3,
  waitingStreak: 20,
  scattered: 3,
  within: 9,
  maxNewInFive: 2,
  shortLaps: 3,
  laps: 2,
  maxPeriod: 14,
};
