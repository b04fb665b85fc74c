const maxNames = 24;
const maxNameChars = 64;

/** Index of a name in the run's table; when the table is full the oldest entry is given up. */
export function internName(
  names: readonly string[],
  name: string,
): { names: readonly string[]; index: number } {
  const short = name.slice(0, maxNameChars);
  const known = names.indexOf(short);
  if (known >= 0) return { names, index: known };
  if (names.length < maxNames) return { names: [...names, short], index: names.length };
  // Beyond the table a name is no longer told apart; calls still are, by their hash.
  return { names, index: names.length - 1 };
}
