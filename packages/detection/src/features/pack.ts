const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const charsPerHash = 3;

const packOne = (hash: number): string =>
  `${alphabet[hash & 63] ?? ""}${alphabet[(hash >>> 6) & 63] ?? ""}${alphabet[(hash >>> 12) & 63] ?? ""}`;

/** Up to `count` hashes at 18 bits each as one short text, for state that has to stay small. */
export function packHashes(hashes: readonly number[], count: number): string {
  let packed = "";
  const end = Math.min(count, hashes.length);
  for (let index = 0; index < end; index += 1) packed += packOne(hashes[index] ?? 0);
  return packed;
}

const valueOfCode = Uint8Array.from({ length: 128 }, (_, code) =>
  Math.max(0, alphabet.indexOf(String.fromCharCode(code))),
);

/** The packed hashes one by one, still packed: equal hashes are equal texts. */
export function packedItems(packed: string): string[] {
  const items: string[] = [];
  for (let at = 0; at < packed.length; at += charsPerHash) items.push(packed.slice(at, at + charsPerHash));
  return items;
}

/** Inverse of {@link packHashes}, at 18 bits. */
export function unpackHashes(packed: string): number[] {
  const bitsAt = (at: number): number => valueOfCode[packed.charCodeAt(at)] ?? 0;
  const hashes: number[] = [];
  for (let at = 0; at < packed.length; at += charsPerHash)
    hashes.push(bitsAt(at) | (bitsAt(at + 1) << 6) | (bitsAt(at + 2) << 12));
  return hashes;
}
