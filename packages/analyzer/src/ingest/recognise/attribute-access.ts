import type { Attributes, AttributeValue } from "@plumbline/contracts";
import { jsonOf } from "../../json-of.ts";

/** Text of an attribute; undefined when absent, empty or not text. */
export function textOf(attributes: Attributes, key: string): string | undefined {
  const value = attributes[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

/** First of several attributes that holds text. */
export function firstText(attributes: Attributes, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = textOf(attributes, key);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** A finite, non-negative number; also one that came as text or as 64 bits. */
export function countOf(value: unknown): number | undefined {
  const number =
    typeof value === "bigint" || (typeof value === "string" && value !== "") ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && number >= 0
    ? Math.round(number)
    : undefined;
}

export function firstCount(attributes: Attributes, keys: readonly string[]): number | undefined {
  for (const key of keys) {
    const count = countOf(attributes[key]);
    if (count !== undefined) return count;
  }
  return undefined;
}

export function amountOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) && value >= 0 ? value : undefined;
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);

/** Parses text that may be JSON; other text and other values come back as they are. */
export function parsed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const first = value.trimStart()[0];
  if (first !== "{" && first !== "[" && first !== '"') return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

/** A value as the contract wants arguments and results: text as it is, anything else as JSON; undefined when there is none. */
export function jsonTextOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  if (typeof value === "bigint") return value.toString();
  return jsonOf(value);
}

/** As {@link jsonTextOf}, undoing double encoding. */
export function decodedJsonText(value: unknown): string | undefined {
  if (typeof value !== "string") return jsonTextOf(value);
  const trimmed = value.trimStart();
  return trimmed.startsWith('"') ? jsonTextOf(parsed(trimmed)) : value;
}

/** Text items of an array attribute; a single text, also a JSON array of texts, counts as its items. */
export function textsOf(value: AttributeValue | undefined): string[] {
  const list = parsed(value);
  if (typeof list === "string") return list === "" ? [] : [list];
  return Array.isArray(list) ? list.filter((item): item is string => typeof item === "string") : [];
}
