/*
 * Python frameworks that turn a tool's result into text by `str()` print dictionaries in Python's own notation. This
 * reads the part of it that has a counterpart in JSON: dictionaries, lists, tuples, texts, numbers, True, False, None.
 */

const maxDepth = 64;
const whitespace = /\s*/y;
const text = /'((?:[^'\\]|\\[^])*)'|"((?:[^"\\]|\\[^])*)"/y;
const number = /-?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.])/y;
const name = /True|False|None/y;
const names: Readonly<Record<string, boolean | null>> = { True: true, False: false, None: null };
const escape = /\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[^])/g;
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "" };

class NotJsonError extends Error {}

function unescaped(raw: string): string {
  if (!raw.includes("\\")) return raw;
  return raw.replaceAll(escape, (_whole, code: string) => {
    if (code.length === 1) return escapes[code] ?? code;
    const point = Number.parseInt(code.slice(1), 16);
    return point > 0x10_ff_ff ? "\uFFFD" : String.fromCodePoint(point);
  });
}

class Reader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  whole(): unknown {
    const value = this.#value(0);
    this.#take(whitespace);
    if (this.#at < this.#source.length) throw new NotJsonError();
    return value;
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found !== null) this.#at = pattern.lastIndex;
    return found;
  }

  #takes(mark: string): boolean {
    this.#take(whitespace);
    if (!this.#source.startsWith(mark, this.#at)) return false;
    this.#at += mark.length;
    return true;
  }

  #value(depth: number): unknown {
    if (depth > maxDepth) throw new NotJsonError();
    if (this.#takes("{")) return this.#dictionary(depth);
    if (this.#takes("[")) return this.#items("]", depth);
    if (this.#takes("(")) return this.#items(")", depth);
    return this.#scalar();
  }

  #scalar(): unknown {
    const quoted = this.#take(text);
    if (quoted !== null) return unescaped(quoted[1] ?? quoted[2] ?? "");
    const figures = this.#take(number);
    if (figures !== null) return Number(figures[0]);
    const named = this.#take(name);
    if (named !== null) return names[named[0]];
    throw new NotJsonError();
  }

  #items(end: string, depth: number): unknown[] {
    const items: unknown[] = [];
    while (!this.#takes(end)) {
      items.push(this.#value(depth + 1));
      if (!this.#takes(",") && !this.#source.startsWith(end, this.#at)) throw new NotJsonError();
    }
    return items;
  }

  #dictionary(depth: number): Record<string, unknown> {
    const entries: [string, unknown][] = [];
    while (!this.#takes("}")) {
      const key = this.#value(depth + 1);
      if (typeof key !== "string" && typeof key !== "number") throw new NotJsonError();
      if (!this.#takes(":")) throw new NotJsonError();
      entries.push([String(key), this.#value(depth + 1)]);
      if (!this.#takes(",") && !this.#source.startsWith("}", this.#at)) throw new NotJsonError();
    }
    return Object.fromEntries(entries);
  }
}

const looksPrinted = /^\s*(?:[[(]\s*)?[[{]'/;

/** The value of a dictionary or list as Python prints it; undefined for any other text, JSON among them. */
export function pythonLiteral(source: string): unknown {
  if (!looksPrinted.test(source)) return undefined;
  try {
    return new Reader(source).whole();
  } catch (error) {
    if (error instanceof NotJsonError) return undefined;
    throw error;
  }
}

/** A text that Python printed as the JSON text that says the same; any other text as it is. */
export function withoutPythonNotation(source: string): string {
  const value = pythonLiteral(source);
  return value === undefined ? source : JSON.stringify(value);
}
