export interface ContextGrowthConfig {
  /** Prompt tokens from which growth is worth telling. */
  minimumTokens: number;
  /** Size of the window where nobody said it, in tokens. */
  assumedWindowTokens: number;
  /** Share of the window. */
  share: number;
  /** Growth since the first known call. */
  factor: number;
}

export const contextGrowthDefaults: ContextGrowthConfig = {
  minimumTokens: 16_000,
  assumedWindowTokens: 128_000,
  share: 0.8,
  factor: 4,
};
