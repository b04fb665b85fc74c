import { hash32 } from "./hash.ts";

/** Distinct hashes, smallest first, at most `size`. The list is sorted in place. */
export function sketchOfHashes(hashes: Uint32Array, size: number): number[] {
  const sketch: number[] = [];
  let last = -1;
  for (const hash of hashes.sort()) {
    if (sketch.length === size) break;
    if (hash !== last) sketch.push(hash);
    last = hash;
  }
  return sketch;
}

/** Hashes of the distinct items of a list, smallest first, at most `size`: the same items give the same sketch. */
export function sketchOf(items: readonly string[], size: number, seed: number): number[] {
  const hashes = new Uint32Array(items.length);
  for (let index = 0; index < items.length; index += 1) hashes[index] = hash32(items[index] ?? "", seed);
  return sketchOfHashes(hashes, size);
}
