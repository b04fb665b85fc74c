import { z } from "zod";

/** What a model answered, read by a schema. The answer itself is kept as it came. */
export type ParsedOutput<Value> =
  | {
      ok: true;
      value: Value;
      raw: string;
      /** The text was no JSON before it was mended. */ repaired: boolean;
    }
  | { ok: false; raw: string; /** What is wrong, for the model. */ problem: string };

interface Candidate {
  value: unknown;
  repaired: boolean;
}

/** The part of an answer that looks like JSON: without the sentence before it and the fence around it. */
function jsonPart(text: string): string {
  const start = text.search(/[[{]/u);
  const end = Math.max(text.lastIndexOf("}"), text.lastIndexOf("]"));
  if (start < 0) return text.trim();
  return end > start ? text.slice(start, end + 1) : text.slice(start).trim();
}

function parsed(text: string): Candidate[] {
  try {
    return [{ value: JSON.parse(text) as unknown, repaired: false }];
  } catch {
    return [];
  }
}

/** Nothing where the optional package that mends is not installed: the model is asked again then. */
async function mended(text: string): Promise<Candidate[]> {
  try {
    const { jsonrepair } = await import("jsonrepair");
    return [{ value: JSON.parse(jsonrepair(text)) as unknown, repaired: true }];
  } catch {
    return [];
  }
}

/** In the order in which they are tried: as it is, without what surrounds it, mended, and as plain text. */
async function candidatesOf(raw: string): Promise<Candidate[]> {
  const part = jsonPart(raw);
  const whole = parsed(raw.trim());
  const inner = whole.length > 0 ? [] : parsed(part);
  const repaired = whole.length + inner.length > 0 || !/[[{]/u.test(raw) ? [] : await mended(part);
  return [...whole, ...inner, ...repaired, { value: raw, repaired: false }];
}

/** Reads an answer by a schema; JSON that is nearly right is mended first. */
export async function parseOutput<Schema extends z.ZodType>(
  schema: Schema,
  raw: string,
): Promise<ParsedOutput<z.output<Schema>>> {
  const candidates = await candidatesOf(raw);
  let first: z.ZodError | undefined;
  for (const { value, repaired } of candidates) {
    const result = await schema.safeParseAsync(value);
    if (result.success) return { ok: true, value: result.data, raw, repaired };
    first ??= result.error;
  }
  const problem = first === undefined ? "It is empty." : z.prettifyError(first);
  return { ok: false, raw, problem: candidates.length === 1 ? `It holds no JSON. ${problem}` : problem };
}
