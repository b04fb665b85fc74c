import { hash32 } from "./hash.ts";

/** Hashes of the distinct items of a list, smallest first, at most `size`: the same items give the same sketch. */
export function sketchOf(items: readonly string[], size: number, seed: number): number[] {
  const hashes = Uint32Array.from(items, (item) => hash32(item, seed)).sort();
  const sketch: number[] = [];
  for (const hash of hashes) {
    if (sketch.length === size) break;
    if (hash !== sketch.at(-1)) sketch.push(hash);
  }
  return sketch;
}
