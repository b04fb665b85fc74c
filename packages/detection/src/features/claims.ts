import { tokensOf } from "./words.ts";

const claim =
  /\b(?:(?:i(?:'ve| have|’ve)?|we(?:'ve| have)?) (?:have |just |now |already |successfully )*\w+(?:ed|nt|lt|de|ne)\b|(?:has|have|was|were) (?:now |just |already |successfully |been )*\w+(?:ed|nt|lt|de|ne)\b|successfully|is (?:now )?(?:done|complete|completed|ready|live|fixed)|all (?:set|done))/i;
const negated =
  /\b(?:not|never|no|unable|cannot|can't|couldn't|could not|failed|fails|unfortunately|error|problem|issue|if|would|should|will|once|unless|please|try|tried|attempted|attempting|after|before|until)\b|n't|\?/i;

/** Stems of the sentences of a reply that claim something was done. */
export function claimedStems(text: string): string[] {
  const stems: string[] = [];
  for (const sentence of text.slice(0, 4000).split(/(?<=[.!?])\s+|\n+/)) {
    if (claim.test(sentence) && !negated.test(sentence)) stems.push(...tokensOf(sentence).stems);
  }
  return stems;
}
