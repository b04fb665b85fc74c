/** A map that forgets what was used longest ago once it holds `limit` entries. Order of use is the order of iteration. */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, Value>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): Value | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** @returns the entry that had to go, if one had to */
  set(key: string, value: Value): [string, Value] | undefined {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#limit) return undefined;
    const oldest = this.#entries.entries().next().value;
    if (oldest === undefined) return undefined;
    this.#entries.delete(oldest[0]);
    return oldest;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  entries(): Iterable<[string, Value]> {
    return this.#entries;
  }
}
