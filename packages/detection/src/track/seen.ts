/**
 * What a run has seen, as two Bloom filters: the current generation and the one before, so that memory stays bounded and
 * old knowledge fades instead of filling up. Filters are base64 text, for state that is plain JSON.
 */
export interface Seen {
  current: string;
  previous: string;
  inserted: number;
}

const filterBytes = 2048;
const filterBits = filterBytes * 8;
const probes = 3;
/** A third of the bits set at three probes per item: about four in a hundred unseen items look seen. */
const generationSize = 2200;

export const nothingSeen: Seen = { current: "", previous: "", inserted: 0 };

const load = (text: string): Buffer =>
  text === "" ? Buffer.alloc(filterBytes) : Buffer.from(text, "base64");

function bitOf(hash: number, probe: number): number {
  return (Math.imul(hash ^ (hash >>> 15), 0x9e3779b1 + 2 * probe * 0x7f4a7c15) >>> 0) % filterBits;
}

function has(filter: Buffer, hash: number): boolean {
  for (let probe = 0; probe < probes; probe += 1) {
    const bit = bitOf(hash, probe);
    if (((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

function add(filter: Buffer, hash: number): void {
  for (let probe = 0; probe < probes; probe += 1) {
    const bit = bitOf(hash, probe);
    filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }
}

/** Adds hashes of 32 bits; `fresh` tells for each whether it was unseen. */
export function remember(seen: Seen, hashes: readonly number[]): { seen: Seen; fresh: boolean[] } {
  const current = load(seen.current);
  const previous = load(seen.previous);
  const fresh = hashes.map((hash) => !has(current, hash) && !has(previous, hash));
  for (const hash of hashes) add(current, hash);
  const inserted = seen.inserted + hashes.length;
  if (inserted < generationSize)
    return { seen: { current: current.toString("base64"), previous: seen.previous, inserted }, fresh };
  return { seen: { current: "", previous: current.toString("base64"), inserted: 0 }, fresh };
}
