import { hash32, hashOfPair } from "./hash.ts";
import type { TextTokens } from "./words.ts";

/** Hashes of the words, entities and neighbouring pairs of words of a text that another text did not hold. */
export function contentHashes(
  { stems, entities }: TextTokens,
  echoed: ReadonlySet<string>,
  seed: number,
): Uint32Array {
  const hashes = new Uint32Array(2 * stems.length + entities.length);
  let count = 0;
  let previous = "";
  for (const stem of stems) {
    const isNew = !echoed.has(stem);
    if (isNew) {
      hashes[count++] = hash32(stem, seed);
      if (previous !== "") hashes[count++] = hashOfPair(previous, stem, seed);
    }
    previous = isNew ? stem : "";
  }
  for (const entity of entities) if (!echoed.has(entity)) hashes[count++] = hash32(entity, seed);
  return hashes.subarray(0, count);
}
