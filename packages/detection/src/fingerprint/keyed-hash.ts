import { createHmac } from "node:crypto";

/** A hash under a key: the same for the same hash, and nothing can be looked up without the key. */
export type KeyedHash = (hash: number) => number;

const maxRemembered = 50_000;

/**
 * Hashes under a key that only the sender has. A plain hash of 32 bits can be found by trying words; HMAC-SHA-256 of it
 * can't without the key. Zero stands for nothing and stays.
 */
export function keyedHash(key: string): KeyedHash {
  const known = new Map<number, number>();
  return (hash) => {
    if (hash === 0) return 0;
    const before = known.get(hash);
    if (before !== undefined) return before;
    if (known.size >= maxRemembered) known.clear();
    const keyed = createHmac("sha256", key).update(String(hash)).digest().readUInt32LE(0) || 1;
    known.set(hash, keyed);
    return keyed;
  };
}
