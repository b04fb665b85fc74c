import type { ModelCall, Step } from "@plumbline/contracts";
import { modelFeaturesOf } from "./model-features.ts";
import { sketchOf } from "./sketch.ts";
import type { GoalFeatures, StepFeatures } from "./step-features.ts";
import { toolFeaturesOf } from "./tool-features.ts";
import { heardVocabulary } from "./vocabulary.ts";
import { goalAsksToWait } from "./waiting.ts";
import { tokensOf } from "./words.ts";

/** A model call of which nothing is known but that it was made. */
const nothingSaid: ModelCall = {
  provider: "",
  requestModel: "",
  responseModel: null,
  usage: null,
  costMicroUsd: null,
  finishReasons: [],
  newInputMessages: [],
  inputMessageCount: 0,
  output: [],
};

/**
 * Features of an ended step: keyed hashes, sketches and classes; nothing of its content can be read from them.
 * @param seed keys the hashes; the same for all steps of a run
 */
export function featuresOf(step: Step, seed: number): StepFeatures {
  if (step.tool !== null) return toolFeaturesOf(step, step.tool, seed);
  return modelFeaturesOf(step.model ?? nothingSaid, seed);
}

/** Features of the goal a run was started with. */
export function goalFeaturesOf(goal: string, seed: number): GoalFeatures {
  const { stems, entities } = tokensOf(goal.slice(0, 8000));
  return {
    words: sketchOf(stems, 64, seed),
    entities: sketchOf(entities, 32, seed),
    waits: goalAsksToWait(goal),
    vocabulary: heardVocabulary(goal, seed),
  };
}
