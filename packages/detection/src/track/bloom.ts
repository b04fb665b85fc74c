/** A Bloom filter of fixed size as base64 text, for state that is plain JSON. The empty text is the empty filter. */
export interface BloomShape {
  bytes: number;
  probes: number;
}

export function loadFilter(text: string, shape: BloomShape): Buffer {
  return text === "" ? Buffer.alloc(shape.bytes) : Buffer.from(text, "base64");
}

export const storeFilter = (filter: Buffer): string => filter.toString("base64");

function bitOf(hash: number, probe: number, bits: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1 + 2 * probe * 0x7f4a7c15);
  return ((mixed ^ (mixed >>> 13)) >>> 0) % bits;
}

/** Whether a hash of 32 bits was probably added. */
export function filterHas(filter: Buffer, hash: number, shape: BloomShape): boolean {
  for (let probe = 0; probe < shape.probes; probe += 1) {
    const bit = bitOf(hash, probe, shape.bytes * 8);
    if (((filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

export function filterAdd(filter: Buffer, hash: number, shape: BloomShape): void {
  for (let probe = 0; probe < shape.probes; probe += 1) {
    const bit = bitOf(hash, probe, shape.bytes * 8);
    filter[bit >>> 3] = (filter[bit >>> 3] ?? 0) | (1 << (bit & 7));
  }
}
