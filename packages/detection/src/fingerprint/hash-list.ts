const bytesPerHash = 4;

/** Hashes of 32 bits as one short text; at most `count` of them. */
export function packHashList(hashes: readonly number[], count: number): string {
  const bytes = Buffer.alloc(Math.min(hashes.length, count) * bytesPerHash);
  hashes.slice(0, count).forEach((hash, index) => bytes.writeUInt32LE(hash >>> 0, index * bytesPerHash));
  return bytes.toString("base64");
}

/** Inverse of {@link packHashList}; a rest of less than four bytes is left out. */
export function unpackHashList(packed: string): number[] {
  const bytes = Buffer.from(packed, "base64");
  const hashes: number[] = [];
  for (let at = 0; at + bytesPerHash <= bytes.length; at += bytesPerHash) hashes.push(bytes.readUInt32LE(at));
  return hashes;
}
