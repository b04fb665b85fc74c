import { messageOf } from "@plumbline/contracts";
import type { ToolOutcome } from "./tool-stage.ts";

/** Longest result that goes to the model and into telemetry. */
const maxCharacters = 262_144;

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

/** Whatever a tool returned as text for the model: text as it is, the rest as JSON with cycles cut. */
export function resultText(result: unknown): string {
  const text = typeof result === "string" ? result : asJson(result);
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters)}… [cut]`;
}

function asJson(result: unknown): string {
  if (result === undefined) return "null";
  try {
    return JSON.stringify(result, withoutCycles()) ?? typeof result;
  } catch (thrown) {
    return `Error: the result can't be turned into text: ${messageOf(thrown)}`;
  }
}

/** A failure as an outcome: the model gets to read its message. */
export function failed(error: unknown): ToolOutcome {
  return { text: `Error: ${messageOf(error)}`, error };
}
