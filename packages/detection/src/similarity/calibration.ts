import { z } from "zod";
import type { PairFacts } from "./pair-facts.ts";

const weight = z.number();

/** How the facts about a pair of texts add up to whether they say the same; belongs to one embedder. */
export const calibrationSchema = z.strictObject({
  /** Id of the embedder whose cosines it is made for; `lexical` for none. */
  embedder: z.string().min(1),
  bias: weight,
  entityDifference: weight,
  oneSided: weight,
  polarity: weight,
  overlap: weight,
  /** 0 where there is no cosine. */
  cosine: weight,
  cosineTimesDifference: weight,
  /** Cosines of requests that one run makes shortly after each other, as they are usual with this embedder. */
  neighbours: z.strictObject({ mean: weight, deviation: z.number().positive() }),
});
export type Calibration = z.infer<typeof calibrationSchema>;

/**
 * How likely two texts say the same, 0…1.
 * @param cosine of their vectors; null where there are none
 */
export function samenessOf(facts: PairFacts, cosine: number | null, calibration: Calibration): number {
  const similarity = cosine ?? 0;
  const sum =
    calibration.bias +
    calibration.entityDifference * facts.entityDifference +
    calibration.oneSided * facts.oneSided +
    calibration.polarity * facts.polarity +
    calibration.overlap * facts.overlap +
    calibration.cosine * similarity +
    calibration.cosineTimesDifference * similarity * facts.entityDifference;
  return 1 / (1 + Math.exp(-sum));
}

/** Found by `bench/sameness-weights.ts`, as the one below. */
export const lexicalCalibration: Calibration = {
  embedder: "lexical",
  bias: -0.89,
  entityDifference: -3.47,
  oneSided: -1.29,
  polarity: -2.4,
  overlap: 2.29,
  cosine: 0,
  cosineTimesDifference: 0,
  neighbours: { mean: 0, deviation: 1 },
};

export const miniLmCalibration: Calibration = {
  embedder: "minilm:b8ab899f",
  bias: -2.98,
  entityDifference: -2.42,
  oneSided: -0.83,
  polarity: -2.12,
  overlap: 0.41,
  cosine: 4.26,
  cosineTimesDifference: -2.02,
  neighbours: { mean: 0.751, deviation: 0.235 },
};
