import { type Calibration, samenessOf } from "./calibration.ts";
import type { PairFacts } from "./pair-facts.ts";

/** Two requests that one run made shortly after each other. */
export interface NeighbourPair {
  facts: PairFacts;
  /** Cosine of their vectors; null without an embedder. */
  cosine: number | null;
}

export interface CalibrationReport {
  calibration: Calibration;
  pairs: number;
  /** Share of the pairs that counted as restated before, and that do now. */
  restatedBefore: number;
  restatedNow: number;
}

/**
 * Sameness from which on requests count as restated, and the share of neighbours that may: about as many as among the
 * runs it was made with. It takes several in a row until something is told, and agents do ask again.
 */
const restated = 0.45;
const maxRestatedShare = 0.4;
const minimumPairs = 100;

const logit = (share: number): number => Math.log(share / (1 - share));

function spreadOf(values: readonly number[]): { mean: number; deviation: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.max(0.01, Math.sqrt(variance)) };
}

/** The same weights for another model's scale of cosines: what was usual for neighbours stays usual. */
function rescaled(base: Calibration, embedder: string, cosines: readonly number[]): Calibration {
  if (cosines.length === 0 || embedder === base.embedder) return { ...base, embedder };
  const neighbours = spreadOf(cosines);
  const scale = base.neighbours.deviation / neighbours.deviation;
  const shift = base.neighbours.mean - neighbours.mean * scale;
  return {
    ...base,
    embedder,
    bias: base.bias + base.cosine * shift,
    entityDifference: base.entityDifference + base.cosineTimesDifference * shift,
    cosine: base.cosine * scale,
    cosineTimesDifference: base.cosineTimesDifference * scale,
    neighbours,
  };
}

const shareRestated = (pairs: readonly NeighbourPair[], calibration: Calibration): number =>
  pairs.filter(({ facts, cosine }) => samenessOf(facts, cosine, calibration) >= restated).length /
  pairs.length;

/**
 * A calibration for an embedder from neighbouring requests of own runs: cosines brought to the scale of the base, and
 * strict enough that at most two neighbours in five count as restated. It never gets laxer than the base.
 * @returns null where there are too few pairs to tell
 */
export function calibrate(
  pairs: readonly NeighbourPair[],
  { embedder, base }: { embedder: string; base: Calibration },
): CalibrationReport | null {
  if (pairs.length < minimumPairs) return null;
  const scaled = rescaled(
    base,
    embedder,
    pairs.flatMap(({ cosine }) => cosine ?? []),
  );
  const scores = pairs
    .map(({ facts, cosine }) => logit(samenessOf(facts, cosine, scaled)))
    .toSorted((a, b) => b - a);
  const allowed = scores[Math.floor(maxRestatedShare * scores.length)] ?? 0;
  const strictness = Math.max(0, allowed - logit(restated) + 1e-9);
  const calibration = { ...scaled, bias: scaled.bias - strictness };
  return {
    calibration,
    pairs: pairs.length,
    restatedBefore: shareRestated(pairs, scaled),
    restatedNow: shareRestated(pairs, calibration),
  };
}
