import { hash32 } from "./hash.ts";
import type { Tally } from "./step-features.ts";

const maxChars = 80;
const number = /\d+/g;

/** A short text that holds exactly one number: an entry's, a receipt's, a line's. */
export function tallyOf(masked: string, seed: number): Tally | null {
  if (masked.length > maxChars) return null;
  const numbers = masked.match(number) ?? [];
  const count = Number(numbers[0] ?? "");
  if (numbers.length !== 1 || !Number.isSafeInteger(count)) return null;
  return { form: hash32(masked.replaceAll(number, "#"), seed), count };
}
