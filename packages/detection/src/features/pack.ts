const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const charsPerHash = 3;

const packOne = (hash: number): string =>
  `${alphabet[hash & 63] ?? ""}${alphabet[(hash >>> 6) & 63] ?? ""}${alphabet[(hash >>> 12) & 63] ?? ""}`;

/** Up to `count` hashes at 18 bits each as one short text, for state that has to stay small. */
export function packHashes(hashes: readonly number[], count: number): string {
  return hashes.slice(0, count).map(packOne).join("");
}

/** The packed hashes one by one, still packed: equal hashes are equal texts. */
export function packedItems(packed: string): string[] {
  const items: string[] = [];
  for (let at = 0; at < packed.length; at += charsPerHash) items.push(packed.slice(at, at + charsPerHash));
  return items;
}

/** Inverse of {@link packHashes}, at 18 bits. */
export function unpackHashes(packed: string): number[] {
  return packedItems(packed).map(
    (item) =>
      alphabet.indexOf(item[0] ?? "") |
      (alphabet.indexOf(item[1] ?? "") << 6) |
      (alphabet.indexOf(item[2] ?? "") << 12),
  );
}
