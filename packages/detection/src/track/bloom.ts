/** A Bloom filter of fixed size, kept as base64 text in state that is plain JSON. The empty text is the empty filter. */
interface BloomShape {
  bytes: number;
  probes: number;
}

export interface BloomFilter {
  readonly shape: BloomShape;
  readonly bits: Buffer;
  /** What it is stored as; null since something was added. */
  text: string | null;
}

/** Loads and stores filters of one shape. */
export interface BloomFilters {
  load(text: string): BloomFilter;
  store(filter: BloomFilter): string;
}

/** The filter that was stored last is the one that is loaded next, as long as one run is followed: it needs no decoding. */
export function bloomFilters(shape: BloomShape): BloomFilters {
  let last: BloomFilter | null = null;
  return {
    load: (text) => {
      const filter = last;
      if (filter?.text === text) {
        last = null;
        return filter;
      }
      const bits = text === "" ? Buffer.alloc(shape.bytes) : Buffer.from(text, "base64");
      return { shape, bits, text };
    },
    store: (filter) => {
      filter.text ??= filter.bits.toString("base64");
      last = filter;
      return filter.text;
    },
  };
}

function bitOf(hash: number, probe: number, bits: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1 + 2 * probe * 0x7f4a7c15);
  return ((mixed ^ (mixed >>> 13)) >>> 0) % bits;
}

/** Whether a hash of 32 bits was probably added. */
export function filterHas({ bits, shape }: BloomFilter, hash: number): boolean {
  for (let probe = 0; probe < shape.probes; probe += 1) {
    const bit = bitOf(hash, probe, shape.bytes * 8);
    if (((bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
  }
  return true;
}

export function filterAdd(filter: BloomFilter, hash: number): void {
  const { bits, shape } = filter;
  for (let probe = 0; probe < shape.probes; probe += 1) {
    const bit = bitOf(hash, probe, shape.bytes * 8);
    const before = bits[bit >>> 3] ?? 0;
    const after = before | (1 << (bit & 7));
    if (after === before) continue;
    bits[bit >>> 3] = after;
    filter.text = null;
  }
}
