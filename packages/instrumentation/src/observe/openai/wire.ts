import type { MessagePart, Usage } from "@plumbline/contracts";

export type Wire = Record<string, unknown>;

export function isWire(value: unknown): value is Wire {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const wireOf = (value: unknown): Wire => (isWire(value) ? value : {});
export const wires = (value: unknown): Wire[] =>
  Array.isArray(value) ? value.filter((item) => isWire(item)) : [];
export const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);
export const countOf = (value: unknown): number =>
  typeof value === "number" && Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;

export const boundOf = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;

/** Arguments as they are when they are JSON, as text when they are not. */
export function parseArguments(value: unknown): unknown {
  if (typeof value !== "string") return value ?? "";
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

const textParts: ReadonlySet<unknown> = new Set(["text", "input_text", "output_text", "refusal"]);

function partOf(part: Wire): MessagePart {
  const text = textOf(part["text"]) ?? textOf(part["refusal"]);
  if (textParts.has(part["type"]) && text !== null) return { type: "text", content: text };
  // Images, audio and files stay out: their bytes are no use to anybody here.
  return { type: textOf(part["type"]) ?? "unknown" };
}

/** Content of a message, a string or a list of parts. */
export function contentParts(content: unknown): MessagePart[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", content }];
  return wires(content).map((part) => partOf(part));
}

/** The text of parts; what has none is named by its kind. */
export const textOfParts = (parts: readonly MessagePart[]): string =>
  parts.map((part) => ("content" in part ? String(part.content) : part.type)).join("\n");

/** A tool's result as a message part holds it: text, or JSON where it is a list of parts. */
export function toolResponse(content: unknown): unknown {
  return typeof content === "string" ? content : textOfParts(contentParts(content));
}

/** Usage in either API's words. */
export function usageIn(usage: unknown): Usage | null {
  if (!isWire(usage)) return null;
  const inputDetails = wireOf(usage["prompt_tokens_details"] ?? usage["input_tokens_details"]);
  const outputDetails = wireOf(usage["completion_tokens_details"] ?? usage["output_tokens_details"]);
  return {
    inputTokens: countOf(usage["prompt_tokens"] ?? usage["input_tokens"]),
    outputTokens: countOf(usage["completion_tokens"] ?? usage["output_tokens"]),
    cachedInputTokens: countOf(inputDetails["cached_tokens"]),
    reasoningOutputTokens: countOf(outputDetails["reasoning_tokens"]),
    estimated: false,
  };
}
