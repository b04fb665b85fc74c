import { hash32 } from "./hash.ts";

/** Hashes of the distinct items of a list, smallest first, at most `size`: the same items give the same sketch. */
export function sketchOf(items: Iterable<string>, size: number, seed: number): number[] {
  const hashes = new Set<number>();
  for (const item of items) hashes.add(hash32(item, seed));
  return Array.from(Uint32Array.from(hashes).sort().subarray(0, size));
}
