// Finds how facts about two texts add up to whether they say the same, with and without MiniLM's vectors.
// npx node --conditions=@plumbline/source bench/sameness-weights.ts
import { comparableText, pairFactsOf } from "@plumbline/detection";
import { openMiniLm } from "@plumbline/minilm";
import { pairsPerSaying, samenessPairs } from "./support/sameness-pairs.ts";

interface Example {
  facts: readonly number[];
  isSame: boolean;
}

const columns = [
  "entityDifference",
  "oneSided",
  "polarity",
  "overlap",
  "cosine",
  "cosineTimesDifference",
] as const;
const variants = { "entity gate": 3, lexical: 4, minilm: 6 } as const;
const rounds = 6_000;
const decay = 0.002;

const embedder = await openMiniLm();
const texts = [...new Set(samenessPairs.flatMap((pair) => pair.texts))];
const vectors = await embedder.embed(texts);
await embedder.close();

function cosineOf(first: string, second: string): number {
  const [a, b] = [vectors[texts.indexOf(first)], vectors[texts.indexOf(second)]];
  return (a ?? new Float32Array()).reduce((sum, value, index) => sum + value * (b?.[index] ?? 0), 0);
}

const examples: Example[] = samenessPairs.map(({ texts: [first, second], isSame }) => {
  const { entityDifference, oneSided, polarity, overlap } = pairFactsOf(
    comparableText(first),
    comparableText(second),
  );
  const cosine = cosineOf(first, second);
  return {
    facts: [entityDifference, oneSided, polarity, overlap, cosine, cosine * entityDifference],
    isSame,
  };
});

/** The facts that count, and a 1 for the bias. */
const inputsOf = ({ facts }: Example, width: number): number[] => [...facts.slice(0, width), 1];

const weighted = (inputs: readonly number[], weights: readonly number[]): number =>
  inputs.reduce((sum, input, at) => sum + input * (weights[at] ?? 0), 0);

function slopesAt(from: readonly Example[], weights: readonly number[], width: number): number[] {
  const errors = from.map((example) => {
    const inputs = inputsOf(example, width);
    const error = 1 / (1 + Math.exp(-weighted(inputs, weights))) - (example.isSame ? 1 : 0);
    return inputs.map((input) => (error * input) / from.length);
  });
  return weights.map((_, at) => errors.reduce((sum, error) => sum + (error[at] ?? 0), 0));
}

/** Weights of the first columns, the bias last. */
function fitted(from: readonly Example[], width: number): number[] {
  let weights = Array.from({ length: width + 1 }, () => 0);
  for (let round = 0; round < rounds; round += 1) {
    const slopes = slopesAt(from, weights, width);
    weights = weights.map((weight, at) => weight - (slopes[at] ?? 0) - (at < width ? decay * weight : 0));
  }
  return weights;
}

/** How often a pair that is the same scores higher than one that is not. */
function separation(scored: readonly { score: number; isSame: boolean }[]): number {
  const same = scored.filter(({ isSame }) => isSame);
  const others = scored.filter(({ isSame }) => !isSame);
  const wins = same.flatMap(({ score }) => others.map((other) => (Math.sign(score - other.score) + 1) / 2));
  return wins.reduce((sum, win) => sum + win, 0) / wins.length;
}

/** Scores of each saying's pairs by weights that were found without it. */
function crossValidated(width: number): { score: number; isSame: boolean }[] {
  const groups = Array.from(
    { length: examples.length / pairsPerSaying },
    (_, index) => index * pairsPerSaying,
  );
  return groups.flatMap((from) => {
    const own = examples.slice(from, from + pairsPerSaying);
    const weights = fitted([...examples.slice(0, from), ...examples.slice(from + pairsPerSaying)], width);
    return own.map((example) => ({
      score: weighted(inputsOf(example, width), weights),
      isSame: example.isSame,
    }));
  });
}

for (const [name, width] of Object.entries(variants)) {
  const weights = fitted(examples, width);
  const named = Object.fromEntries(
    [...columns.slice(0, width), "bias"].map((column, at) => [column, Number((weights[at] ?? 0).toFixed(2))]),
  );
  process.stdout.write(
    `${name}: cross-validated AUC ${separation(crossValidated(width)).toFixed(3)} on ${String(examples.length)} pairs; ${JSON.stringify(named)}\n`,
  );
}
