import type { Random } from "@plumbline/contracts";
import { createSeededRandom } from "@plumbline/contracts/testing";

/** What a seed changes in the demo: wording, order, numbers. The same seed gives the same demo. */
export interface Variation {
  /** From `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<Item>(items: readonly Item[]): Item;
  shuffled<Item>(items: readonly Item[]): Item[];
  /** A variation of its own for one agent, independent of how much the others draw. */
  for(name: string): Variation;
}

function seedOf(seed: number, name: string): number {
  let mixed = seed;
  for (const character of name) mixed = (Math.imul(mixed, 31) + (character.codePointAt(0) ?? 0)) >>> 0;
  return mixed;
}

function variationFrom(random: Random, seed: number): Variation {
  const between = (low: number, high: number): number => low + Math.floor(random.next() * (high - low + 1));
  return {
    between,
    pick(items) {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new RangeError("Nothing to pick from.");
      return item;
    },
    shuffled(items) {
      const keyed = items.map((item) => ({ item, key: random.next() }));
      return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
    },
    for: (name) => createVariation(seedOf(seed, name)),
  };
}

export function createVariation(seed: number): Variation {
  return variationFrom(createSeededRandom(seed), seed);
}
