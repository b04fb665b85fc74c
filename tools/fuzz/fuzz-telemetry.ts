import { normaliseTelemetry } from "@plumbline/analyzer";
import { isPlumblineError, type Random } from "@plumbline/contracts";
import type { Sample, Samples } from "./capture-samples.ts";
import { mutated } from "./mutate.ts";

/** One body in so many is a whole captured request, the others are small: most of the time a whole one is what it was. */
const wholeOneIn = 50;

export interface FuzzResult {
  /** Bodies of which something was read. */
  read: number;
  /** Bodies refused with a reason. */
  refused: number;
  /** Runs that were assembled from what was read. */
  runs: number;
}

function pick({ whole, small }: Samples, random: Random): Sample | undefined {
  const samples = random.next() * wholeOneIn < 1 ? whole : small;
  return samples[Math.floor(random.next() * samples.length)];
}

/**
 * Sends damaged bodies through decode, recognise, affinity and assemble. Each must be read or refused with a reason.
 * @throws whatever was thrown that is no refusal, with the body's name
 */
export function fuzzTelemetry(samples: Samples, random: Random, rounds: number): FuzzResult {
  const result = { read: 0, refused: 0, runs: 0 };
  for (let round = 0; round < rounds; round += 1) {
    const sample = pick(samples, random);
    if (sample === undefined) break;
    try {
      const { runs } = normaliseTelemetry([{ name: sample.name, bytes: mutated(sample.bytes, random) }]);
      result.read += 1;
      result.runs += runs.length;
    } catch (error) {
      if (!isPlumblineError(error) || error.nextMove !== "reject") {
        throw new Error(`Round ${String(round)} on ${sample.name}`, { cause: error });
      }
      result.refused += 1;
    }
  }
  return result;
}
