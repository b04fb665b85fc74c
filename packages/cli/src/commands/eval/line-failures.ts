import type { LineFailure } from "./read-lines.ts";

/** Told of each file; what is wrong with the rest is mostly the same. */
const linesPerFile = 5;

/** Tells of lines that can't be used, of the first of each file by themselves, of the others how many they are. */
export class LineFailures {
  readonly #print: (text: string) => void;
  readonly #countByFile = new Map<string, number>();

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  add({ file, line, reason }: LineFailure): void {
    const count = (this.#countByFile.get(file) ?? 0) + 1;
    this.#countByFile.set(file, count);
    if (count <= linesPerFile) this.#print(`${file}:${String(line)}: ${reason}`);
  }

  summarise(): void {
    for (const [file, count] of this.#countByFile) {
      const all = count <= linesPerFile ? "" : `, the first ${String(linesPerFile)} of them told above`;
      this.#print(`${file}: ${String(count)} ${count === 1 ? "line was" : "lines were"} left out${all}.`);
    }
  }
}
