import { jsonOf } from "../../json-of.ts";

/** A value as arguments and results are kept: text as it is, anything else as JSON; null when there is none. */
export function jsonText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  return typeof value === "string" ? value : jsonOf(value);
}
