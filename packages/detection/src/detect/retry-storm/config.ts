export interface RetryStormConfig {
  /** Failures of one tool in a row, in separate rounds, that read the same. */
  sameFailures: number;
  /** Failures of one tool in a row, whatever they say. */
  anyFailures: number;
}

export const retryStormDefaults: RetryStormConfig = { sameFailures: 5, anyFailures: 10 };
