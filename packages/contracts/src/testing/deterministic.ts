import type { IdSource, Random } from "../clock.ts";

/** Repeatable randomness (mulberry32). */
export function createSeededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = state;
      mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
    },
  };
}

export function createSequentialIds(prefix = "id"): IdSource {
  let count = 0;
  return {
    next() {
      count += 1;
      return `${prefix}-${String(count)}`;
    },
  };
}
