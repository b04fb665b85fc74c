import type { RejectionCode } from "./split-result.ts";

export type JsonObject = Record<string, unknown>;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const absent = (value: unknown): value is null | undefined => value === undefined || value === null;

export interface JsonProblem {
  code: RejectionCode;
  message: string;
}

const undecodable = (message: string): JsonProblem => ({ code: "UNDECODABLE", message });

/** The problem of the first bad entry of a list that may be absent. */
function listProblem(
  value: unknown,
  name: string,
  problemOf: (entry: JsonObject) => JsonProblem | undefined,
): JsonProblem | undefined {
  if (absent(value)) return undefined;
  if (!Array.isArray(value)) return undecodable(`"${name}" is not a list.`);
  for (const entry of value as unknown[]) {
    if (!isObject(entry)) return undecodable(`"${name}" holds something that is not an object.`);
    const problem = problemOf(entry);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function valueProblem(value: unknown, deepest: number): JsonProblem | undefined {
  if (absent(value)) return undefined;
  if (!isObject(value)) return undecodable('An attribute value is not an object like {"stringValue": …}.');
  if (deepest < 1) {
    const message = "Attribute values are nested too deeply. Send nested structures as JSON text.";
    return { code: "NESTED_TOO_DEEPLY", message };
  }
  const { arrayValue, kvlistValue } = value;
  if (isObject(arrayValue)) {
    return listProblem(arrayValue["values"], "values", (entry) => valueProblem(entry, deepest - 1));
  }
  if (isObject(kvlistValue)) return attributesProblem(kvlistValue["values"], deepest - 1);
  return undefined;
}

/** What a decoder would stumble over in a list of attributes. */
export function attributesProblem(attributes: unknown, deepest: number): JsonProblem | undefined {
  return listProblem(attributes, "attributes", (entry) =>
    absent(entry["key"]) || typeof entry["key"] === "string"
      ? valueProblem(entry["value"], deepest)
      : undecodable("An attribute key is not a string."),
  );
}

function timeProblem(item: JsonObject): JsonProblem | undefined {
  for (const name of ["startTimeUnixNano", "endTimeUnixNano", "timeUnixNano", "observedTimeUnixNano"]) {
    const time = item[name];
    const readable =
      absent(time) ||
      (typeof time === "string" && /^\d{1,20}$/.test(time)) ||
      (typeof time === "number" && Number.isInteger(time) && time >= 0);
    if (!readable) return undecodable(`"${name}" is not a number of nanoseconds.`);
  }
  return undefined;
}

/** What a decoder would stumble over in a span or log record: wrong kinds of values, not wrong values. */
export function itemProblem(item: JsonObject, deepest: number): JsonProblem | undefined {
  const attributesOf = (entry: JsonObject): JsonProblem | undefined =>
    attributesProblem(entry["attributes"], deepest);
  return (
    timeProblem(item) ??
    attributesOf(item) ??
    valueProblem(item["body"], deepest) ??
    listProblem(item["events"], "events", attributesOf) ??
    listProblem(item["links"], "links", attributesOf)
  );
}
