import { messageOf } from "@plumbline/contracts";
import type { RegisteredTool } from "../../tool/tool.ts";

type Parse = RegisteredTool["parse"];

interface Issue {
  message: string;
  path?: readonly (PropertyKey | { key: PropertyKey })[] | undefined;
}

/** What the schema libraries have in common: Standard Schema, and what zod 3 had before. */
interface AnySchema {
  "~standard"?: { validate: (input: unknown) => StandardResult | Promise<StandardResult> };
  safeParseAsync?: (
    input: unknown,
  ) => Promise<{ success: boolean; data?: unknown; error?: { issues?: Issue[] } }>;
  /** `Schema` of the AI SDK. */
  validate?: (input: unknown) => SchemaResult | PromiseLike<SchemaResult>;
}

type StandardResult = { value: unknown; issues?: undefined } | { issues: readonly Issue[] };
type SchemaResult = { success: true; value: unknown } | { success: false; error: unknown };

function line({ message, path = [] }: Issue): string {
  const place = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return place === "" ? message : `${place}: ${message}`;
}

const problemsOf = (issues: readonly Issue[]): string => issues.map((issue) => line(issue)).join("\n");

const byStandard =
  (validate: NonNullable<AnySchema["~standard"]>["validate"]): Parse =>
  async (input) => {
    const result = await validate(input);
    return result.issues === undefined
      ? { ok: true, value: result.value }
      : { ok: false, problems: problemsOf(result.issues) };
  };

const byZod3 =
  (schema: Required<Pick<AnySchema, "safeParseAsync">>): Parse =>
  async (input) => {
    const { success, data, error } = await schema.safeParseAsync(input);
    return success ? { ok: true, value: data } : { ok: false, problems: problemsOf(error?.issues ?? []) };
  };

const bySchema =
  (validate: NonNullable<AnySchema["validate"]>): Parse =>
  async (input) => {
    const result = await validate(input);
    return result.success
      ? { ok: true, value: result.value }
      : { ok: false, problems: messageOf(result.error) };
  };

/** A schema as it is, or as it is made once it is needed. */
function schemaOf(schema: unknown): AnySchema {
  if (typeof schema === "function" && !("~standard" in schema)) return schemaOf((schema as () => unknown)());
  const isSchema = (typeof schema === "object" && schema !== null) || typeof schema === "function";
  return isSchema ? (schema as AnySchema) : {};
}

/** How arguments are checked by a tool's schema, of whatever library; undefined where it is none that checks. */
export function inputCheck(schema: unknown): Parse | undefined {
  const { "~standard": standard, safeParseAsync, validate } = schemaOf(schema);
  if (typeof standard?.validate === "function") return byStandard((input) => standard.validate(input));
  if (typeof safeParseAsync === "function") return byZod3(schema as Required<AnySchema>);
  return typeof validate === "function" ? bySchema(validate) : undefined;
}
