/** Vectors of texts that were read lately, bounded by bytes; what was used longest ago goes first. */
export class VectorCache {
  readonly #maxBytes: number;
  readonly #vectors = new Map<string, Float32Array>();
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get(key: string): Float32Array | undefined {
    const vector = this.#vectors.get(key);
    if (vector === undefined) return undefined;
    this.#vectors.delete(key);
    this.#vectors.set(key, vector);
    return vector;
  }

  set(key: string, vector: Float32Array): void {
    const before = this.#vectors.get(key);
    if (before !== undefined) this.#bytes -= before.byteLength;
    this.#vectors.delete(key);
    // A copy: the vector may be a view into the buffer of its whole batch.
    this.#vectors.set(key, vector.slice());
    this.#bytes += vector.byteLength;
    for (const [oldest, { byteLength }] of this.#vectors) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#vectors.delete(oldest);
      this.#bytes -= byteLength;
    }
  }
}
