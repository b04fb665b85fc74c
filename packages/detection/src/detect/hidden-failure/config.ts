export interface HiddenFailureConfig {
  /** How many steps back a failed action still contradicts a claim. */
  claimWindow: number;
}

export const hiddenFailureDefaults: HiddenFailureConfig = { claimWindow: 6 };
