export interface RetryStormConfig {
  /** Failures of one tool in a row, in separate rounds, that read the same. */
  sameFailures: number;
  /** The same, each after a longer pause than the one before. */
  backoffFailures: number;
  /** Failures of one tool in a row, whatever they say. */
  anyFailures: number;
  /** The last failures in a row of which none told anything that an earlier one had not. */
  barrenFailures: number;
}

export const retryStormDefaults: RetryStormConfig = {
  sameFailures: 5,
  backoffFailures: 8,
  anyFailures: 10,
  barrenFailures: 6,
};
