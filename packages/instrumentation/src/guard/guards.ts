import { budgetGuard } from "./budget/budget-guard.ts";
import type { Guard } from "./guard.ts";

/** The guards in force, in the order in which they are asked. */
export const guards: readonly Guard[] = [budgetGuard];
