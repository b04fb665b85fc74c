import { messageOf } from "@plumbline/contracts";
import type { FailureClass } from "./failure/classify-failure.ts";
import type { ToolOutcome } from "./tool-stage.ts";

/** Longest text of a result when nobody set another. */
const defaultMaxCharacters = 262_144;
/** Share of a cut text that is its beginning; the rest is its end. */
const headShare = 0.75;

function withoutCycles(): (this: unknown, key: string, value: unknown) => unknown {
  const above: unknown[] = [];
  return function replace(this: unknown, _key: string, value: unknown): unknown {
    if (typeof value === "bigint") return String(value);
    if (typeof value !== "object" || value === null) return value;
    while (above.length > 0 && above.at(-1) !== this) above.pop();
    if (above.includes(value)) return "[circular]";
    above.push(value);
    return value;
  };
}

/** Whatever a tool returned as text for the model: text as it is, the rest as JSON with cycles cut; the middle goes first. */
export function resultText(result: unknown, maxCharacters: number = defaultMaxCharacters): string {
  const text = typeof result === "string" ? result : asJson(result);
  if (text.length <= maxCharacters) return text;
  const head = Math.ceil(maxCharacters * headShare);
  const tail = maxCharacters - head;
  const note = `[${String(text.length - maxCharacters)} of ${String(text.length)} characters cut here; ask for a smaller part to see them]`;
  return `${text.slice(0, head)}\n… ${note} …\n${tail === 0 ? "" : text.slice(-tail)}`;
}

function asJson(result: unknown): string {
  if (result === undefined) return "null";
  try {
    return JSON.stringify(result, withoutCycles()) ?? typeof result;
  } catch (thrown) {
    return `Error: the result can't be turned into text: ${messageOf(thrown)}`;
  }
}

const advice: Readonly<Partial<Record<FailureClass, string>>> = {
  stale_data: "What the call was based on has changed meanwhile: read it again before you decide anew.",
  permission: "This needs a person; calling it again will not help.",
};

/** A failure as an outcome: the model gets to read its message, and what it needs. */
export function failed(error: unknown, failure?: FailureClass): ToolOutcome {
  const hint = failure === undefined ? undefined : advice[failure];
  const text = `Error: ${messageOf(error)}${hint === undefined ? "" : `\n${hint}`}`;
  return { text, error, failure };
}
