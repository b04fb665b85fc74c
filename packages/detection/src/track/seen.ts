import { bloomFilters, filterAdd, filterHas } from "./bloom.ts";

/**
 * What a run has seen, as two Bloom filters: the current generation and the one before, so that memory stays bounded and
 * old knowledge fades instead of filling up.
 */
export interface Seen {
  current: string;
  previous: string;
  inserted: number;
}

const shape = { bytes: 1536, probes: 3 };
const currents = bloomFilters(shape);
const previouses = bloomFilters(shape);
/** At most a third of the bits get set: about four in a hundred unseen items look seen. */
const generationSize = 1700;

export const nothingSeen: Seen = { current: "", previous: "", inserted: 0 };

/** Adds hashes of 32 bits; `fresh` tells for each whether it was unseen. */
export function remember(seen: Seen, hashes: readonly number[]): { seen: Seen; fresh: boolean[] } {
  const current = currents.load(seen.current);
  const previous = seen.previous === "" ? null : previouses.load(seen.previous);
  const fresh = hashes.map(
    (hash) => !filterHas(current, hash) && (previous === null || !filterHas(previous, hash)),
  );
  for (const hash of hashes) filterAdd(current, hash);
  const inserted = seen.inserted + hashes.length;
  if (inserted >= generationSize)
    return { seen: { current: "", previous: previouses.store(current), inserted: 0 }, fresh };
  const text = previous === null ? "" : previouses.store(previous);
  return { seen: { current: currents.store(current), previous: text, inserted }, fresh };
}
