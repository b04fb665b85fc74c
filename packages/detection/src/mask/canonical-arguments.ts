import { parseJson } from "../parse-json.ts";

/** Fields that say why a call is made, not what it does: free words beside the real arguments. */
const annotationField =
  /^(?:description|explanation|reason|reasoning|thought|thoughts|thinking|rationale|comment|purpose|justification|intent|intention|activeform|active_form|summary_of_action|tool_summary|note_to_self)$/i;

/** Fields that exist to be different in every call. */
const volatileField =
  /^(?:request_?id|trace_?id|span_?id|correlation_?id|idempotency_?key|nonce|timestamp|ts|_ts|_?now|sent_?at|requested_?at|cache_?bust(?:er)?|call_?id|tool_?call_?id|_)$/i;

export interface CanonicalArguments {
  /** What the call does: without volatile fields and annotations, keys sorted. */
  core: string;
  /** Values only, one per line: what words and entities are read from. */
  values: readonly string[];
}

const isAbsent = (value: unknown): boolean => value === null || value === undefined || value === "";

const normalText = (text: string): string => text.replaceAll(/\s+/g, " ").trim();

function canonical(value: unknown): unknown {
  if (typeof value === "string") return normalText(value);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== "object" || value === null) return null;
  const entries = Object.entries(value)
    .filter(([key, content]) => !isAbsent(content) && !volatileField.test(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, content]) => [key, canonical(content)]));
}

function withoutAnnotations(value: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(value);
  const kept = keys.filter((key) => !annotationField.test(key));
  if (kept.length === 0 || kept.length === keys.length) return value;
  return Object.fromEntries(kept.map((key) => [key, value[key]]));
}

function collectValues(value: unknown, into: string[]): void {
  if (typeof value === "string") into.push(value);
  else if (Array.isArray(value)) for (const item of value) collectValues(item, into);
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) collectValues(item, into);
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Arguments, as they were read, in a form that key order, spacing, absent optionals and volatile fields don't change. */
export function canonicalValue(read: unknown): CanonicalArguments {
  const value = canonical(read);
  if (!isObject(value)) {
    const plain = typeof value === "string" ? value : JSON.stringify(value);
    return { core: plain, values: [plain] };
  }
  const core = withoutAnnotations(value);
  const values: string[] = [];
  collectValues(core, values);
  return { core: JSON.stringify(core), values };
}

/** The same of a text, which may be JSON. */
export const canonicalArguments = (text: string): CanonicalArguments =>
  canonicalValue(parseJson(text) ?? text);
