/** A tool, model or agent name and its words, packed. */
export interface NameEntry {
  name: string;
  words: string;
}

const maxNames = 20;
const maxNameChars = 64;

/**
 * Index of a name in the run's table. When the table is full the last entry stands for all others: calls are still told
 * apart by their hash.
 */
export function internName(
  names: readonly NameEntry[],
  name: string,
  words = "",
): { names: readonly NameEntry[]; index: number } {
  const short = name.slice(0, maxNameChars);
  const known = names.findIndex((entry) => entry.name === short);
  if (known >= 0) return { names, index: known };
  if (names.length >= maxNames) return { names, index: names.length - 1 };
  return { names: [...names, { name: short, words }], index: names.length };
}
