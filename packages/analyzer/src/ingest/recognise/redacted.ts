import type { Attributes, AttributeValue } from "@plumbline/contracts";

const longestMarker = 120;

/** What emitters put in the place of a value they hide: OpenInference, Codex, Claude Code, Logfire, scrubbers on the way. */
const marker =
  /^(?:(?:__)?REDACTED(?:__)?|\*{3,}|\[(?:redacted|scrubbed|filtered|masked)\b[^\]]*\]|<(?:redacted|scrubbed|filtered|masked)\b[^>]*>)$/i;

function isRedacted(value: AttributeValue): boolean {
  return typeof value === "string" && value.length <= longestMarker && marker.test(value.trim());
}

function hidesAny(attributes: Attributes): boolean {
  for (const key in attributes) if (isRedacted(attributes[key] ?? null)) return true;
  return false;
}

/** Attributes that tell something: a hidden value is an unknown one, and two hidden values are not equal. */
export function withoutRedacted(attributes: Attributes): Attributes {
  if (!hidesAny(attributes)) return attributes;
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => !isRedacted(value)));
}
