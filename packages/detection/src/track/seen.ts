import { type BloomShape, filterAdd, filterHas, loadFilter, storeFilter } from "./bloom.ts";

/**
 * What a run has seen, as two Bloom filters: the current generation and the one before, so that memory stays bounded and
 * old knowledge fades instead of filling up.
 */
export interface Seen {
  current: string;
  previous: string;
  inserted: number;
}

const shape: BloomShape = { bytes: 1536, probes: 3 };
/** At most a third of the bits get set: about four in a hundred unseen items look seen. */
const generationSize = 1700;

export const nothingSeen: Seen = { current: "", previous: "", inserted: 0 };

/** Adds hashes of 32 bits; `fresh` tells for each whether it was unseen. */
export function remember(seen: Seen, hashes: readonly number[]): { seen: Seen; fresh: boolean[] } {
  const current = loadFilter(seen.current, shape);
  const previous = loadFilter(seen.previous, shape);
  const fresh = hashes.map((hash) => !filterHas(current, hash, shape) && !filterHas(previous, hash, shape));
  for (const hash of hashes) filterAdd(current, hash, shape);
  const inserted = seen.inserted + hashes.length;
  if (inserted < generationSize)
    return { seen: { current: storeFilter(current), previous: seen.previous, inserted }, fresh };
  return { seen: { current: "", previous: storeFilter(current), inserted: 0 }, fresh };
}
