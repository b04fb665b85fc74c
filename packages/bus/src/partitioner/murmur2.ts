const seed = 0x9747b28c;
const multiplier = 0x5bd1e995;

function mixTail(hash: number, bytes: Uint8Array, start: number): number {
  const left = bytes.length - start;
  if (left === 0) return hash;
  let mixed = hash;
  for (let index = left - 1; index >= 0; index -= 1) {
    mixed ^= (bytes[start + index] ?? 0) << (8 * index);
  }
  return Math.imul(mixed, multiplier);
}

/** Kafka's variant of MurmurHash2 as a signed 32-bit number: what the Java client, kafkajs and the Collector's `murmur2` hasher compute. */
export function murmur2(bytes: Uint8Array): number {
  const bodyLength = bytes.length & ~3;
  let hash = seed ^ bytes.length;
  for (let index = 0; index < bodyLength; index += 4) {
    const word =
      (bytes[index] ?? 0) |
      ((bytes[index + 1] ?? 0) << 8) |
      ((bytes[index + 2] ?? 0) << 16) |
      ((bytes[index + 3] ?? 0) << 24);
    let mixed = Math.imul(word, multiplier);
    mixed ^= mixed >>> 24;
    hash = Math.imul(hash, multiplier) ^ Math.imul(mixed, multiplier);
  }
  hash = mixTail(hash, bytes, bodyLength);
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  return hash ^ (hash >>> 15);
}
