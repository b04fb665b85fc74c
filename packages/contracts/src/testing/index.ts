export { createManualClock } from "./manual-clock.ts";
export type { ManualClock } from "./manual-clock.ts";
export { createSeededRandom, createSequentialIds } from "./deterministic.ts";
export { modelStep, toolStep } from "./step-builders.ts";
