const firstBytes = 64 * 1024;
const lineEnd = "\n";

/**
 * Lines of text as bytes, each with the number of the item it was made of. As text, batches of megabytes would be copied by the garbage collector again and again while the
 * database takes its time.
 */
export class Lines {
  #bytes = Buffer.allocUnsafe(firstBytes);
  readonly #ends: number[] = [];
  readonly #items: number[] = [];

  get count(): number {
    return this.#ends.length;
  }

  /** Of all lines, with their ends. */
  get byteLength(): number {
    return this.#ends.at(-1) ?? 0;
  }

  add(text: string, item: number): void {
    const start = this.byteLength;
    const line = text + lineEnd;
    this.#makeRoom(start + Buffer.byteLength(line));
    this.#ends.push(start + this.#bytes.write(line, start));
    this.#items.push(item);
  }

  /** @throws RangeError where there is no line */
  itemAt(position: number): number {
    const item = this.#items[position];
    if (item === undefined) throw new RangeError(`There is no line ${String(position)}.`);
    return item;
  }

  /** The line at this position with its end: a view, good until the next line is added. */
  at(position: number): Uint8Array {
    return this.#bytes.subarray(this.#ends[position - 1] ?? 0, this.#ends[position]);
  }

  /** A copy of the lines at these positions, each named once; in no particular order when it is all of them. */
  copyOf(positions: readonly number[]): Uint8Array {
    if (positions.length === this.count) return new Uint8Array(this.#bytes.subarray(0, this.byteLength));
    return Buffer.concat(positions.map((position) => this.at(position)));
  }

  #makeRoom(byteLength: number): void {
    if (byteLength <= this.#bytes.byteLength) return;
    const larger = Buffer.allocUnsafe(Math.max(byteLength, 2 * this.#bytes.byteLength));
    this.#bytes.copy(larger, 0, 0, this.byteLength);
    this.#bytes = larger;
  }
}
