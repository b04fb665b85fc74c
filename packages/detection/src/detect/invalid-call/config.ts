export interface InvalidCallConfig {
  /** Calls of one tool that doesn't exist. */
  unknownTools: number;
  /** Different tools that don't exist, among the remembered calls. */
  unknownNames: number;
  /** Calls in a row whose arguments were rejected for their form. */
  badArguments: number;
  /** Calls with ids of the run before an unmet id is worth telling. */
  groundedCalls: number;
  /** Calls without any id before that, in a run that never used ids. */
  callsBefore: number;
}

export const invalidCallDefaults: InvalidCallConfig = {
  unknownTools: 2,
  unknownNames: 3,
  badArguments: 3,
  groundedCalls: 1,
  callsBefore: 6,
};
