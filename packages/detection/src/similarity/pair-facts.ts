import { denies } from "../features/denial.ts";
import { tokensOf } from "../features/words.ts";
import { maskVolatile } from "../mask/mask-volatile.ts";

/** How two texts differ, each as one number from 0 to 1. */
export interface PairFacts {
  /** Share of ids, numbers, paths, addresses and names that only one of them holds. */
  entityDifference: number;
  /** One of them names entities where the other names none. */
  oneSided: number;
  /** One of them denies or fails, the other does not. */
  polarity: number;
  /** Share of words that both use. */
  overlap: number;
}

const readChars = 4000;
/** A capitalised word behind another word: the name of a person, place or thing. */
const name = /(?<=[\p{L}\p{N},] )\p{Lu}\p{Ll}{2,}/gu;

function sharedShare(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const union = new Set([...a, ...b]).size;
  return union === 0 ? 1 : [...a].filter((item) => b.has(item)).length / union;
}

/** A text ready for comparison. */
export interface ComparableText {
  words: ReadonlySet<string>;
  entities: ReadonlySet<string>;
  denies: boolean;
}

/** Reads a text once for many comparisons. */
export function comparableText(text: string): ComparableText {
  const masked = maskVolatile(text.slice(0, readChars));
  const { stems, entities } = tokensOf(masked);
  const names = Array.from(masked.matchAll(name), ([found]) => found.toLowerCase());
  return { words: new Set(stems), entities: new Set([...entities, ...names]), denies: denies(masked) };
}

export function pairFactsOf(a: ComparableText, b: ComparableText): PairFacts {
  return {
    entityDifference: 1 - sharedShare(a.entities, b.entities),
    oneSided: (a.entities.size === 0) === (b.entities.size === 0) ? 0 : 1,
    polarity: a.denies === b.denies ? 0 : 1,
    overlap: sharedShare(a.words, b.words),
  };
}
