import { hash32 } from "./hash.ts";

/** Hashes of the distinct items of a list, smallest first, at most `size`: the same items give the same sketch. */
export function sketchOf(items: Iterable<string>, size: number, seed: number): number[] {
  const hashes = new Set<number>();
  for (const item of items) hashes.add(hash32(item, seed));
  return [...hashes].sort((a, b) => a - b).slice(0, size);
}

/** Share of common hashes in the smaller set; 0 when either is empty. */
export function overlapOf(a: readonly number[], b: readonly number[]): number {
  const smaller = Math.min(a.length, b.length);
  if (smaller === 0) return 0;
  const set = new Set(a);
  return b.filter((hash) => set.has(hash)).length / smaller;
}

/** Jaccard similarity of two sets of hashes; 1 when both are empty. */
export function jaccardOf(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 && b.length === 0) return 1;
  const set = new Set(a);
  const common = b.filter((hash) => set.has(hash)).length;
  return common / (a.length + b.length - common);
}
