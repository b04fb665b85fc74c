import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { messageOf, SetupError } from "@plumbline/contracts";

export interface LineFailure {
  file: string;
  line: number;
  reason: string;
}

export interface ReadOptions<Value> {
  parse: (line: string) => Value;
  /** A line that can't be used; the rest of the file goes on. */
  onFailure: (failure: LineFailure) => void;
}

/**
 * The values of a file of JSON lines, one at a time.
 * @throws SetupError when the file can't be read
 */
export async function* readLines<Value>(
  file: string,
  { parse, onFailure }: ReadOptions<Value>,
): AsyncGenerator<Value> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  let number = 0;
  try {
    for await (const line of lines) {
      number += 1;
      if (line.trim() === "") continue;
      const parsed = tryParse(line, parse);
      if ("value" in parsed) yield parsed.value;
      else onFailure({ file, line: number, reason: parsed.reason });
    }
  } catch (cause) {
    throw new SetupError(`${file} can't be read: ${messageOf(cause)}.`, { code: "FILE_UNREADABLE", cause });
  }
}

function tryParse<Value>(
  line: string,
  parse: (line: string) => Value,
): { value: Value } | { reason: string } {
  try {
    return { value: parse(line) };
  } catch (error) {
    return { reason: messageOf(error) };
  }
}
