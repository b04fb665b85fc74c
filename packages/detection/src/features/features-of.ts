import type { Step } from "@plumbline/contracts";
import { modelFeaturesOf } from "./model-features.ts";
import { sketchOf } from "./sketch.ts";
import type { GoalFeatures, StepFeatures } from "./step-features.ts";
import { toolFeaturesOf } from "./tool-features.ts";
import { goalAsksToWait } from "./waiting.ts";
import { tokensOf } from "./words.ts";

/**
 * Features of an ended step: keyed hashes, sketches and classes; nothing of its content can be read from them.
 * @param seed keys the hashes; the same for all steps of a run
 */
export function featuresOf(step: Step, seed: number): StepFeatures {
  return step.kind === "tool" ? toolFeaturesOf(step, seed) : modelFeaturesOf(step, seed);
}

/** Features of the goal a run was started with. */
export function goalFeaturesOf(goal: string, seed: number): GoalFeatures {
  const { stems, entities } = tokensOf(goal.slice(0, 8000));
  return {
    words: sketchOf(stems, 96, seed),
    entities: sketchOf(entities, 32, seed),
    waits: goalAsksToWait(goal),
  };
}
