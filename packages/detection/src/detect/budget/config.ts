export interface BudgetConfig {
  /** Share of a limit at which it is said that the run will reach it. */
  warnShare: number;
}

export const budgetDefaults: BudgetConfig = { warnShare: 0.8 };
