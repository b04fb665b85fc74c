import { z } from "zod";

const longestSchemaCharacters = 600;

function propertiesOf(jsonSchema: Record<string, unknown>): Record<string, unknown> {
  const { properties } = jsonSchema;
  return typeof properties === "object" && properties !== null ? (properties as Record<string, unknown>) : {};
}

function shortened(schema: unknown): string {
  const text = JSON.stringify(schema) ?? "anything";
  return text.length <= longestSchemaCharacters ? text : `${text.slice(0, longestSchemaCharacters)}…`;
}

/** What the parameters that are wrong may be, each once; all names where a whole is wrong. */
function allowed(error: z.ZodError, jsonSchema: Record<string, unknown>): string[] {
  const properties = propertiesOf(jsonSchema);
  const wrong = new Set(error.issues.map((issue) => String(issue.path[0] ?? "")));
  const known = [...wrong].filter((name) => name in properties);
  const lines = known.map((name) => `${name} may be: ${shortened(properties[name])}`);
  return known.length === wrong.size
    ? lines
    : [...lines, `The parameters are: ${Object.keys(properties).join(", ") || "none"}`];
}

/** What is wrong with the arguments of a call and what would be right, for the model. */
export function problemsOf(error: z.ZodError, jsonSchema: Record<string, unknown>): string {
  return [z.prettifyError(error), ...allowed(error, jsonSchema)].join("\n");
}
