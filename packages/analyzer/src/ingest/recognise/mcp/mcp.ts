import { genAi, type OtlpSpan, type ReportedError } from "@plumbline/contracts";
import { decodedJsonText, firstText, isRecord, parsed, textOf } from "../attribute-access.ts";
import type { CallReading, Dialect } from "../dialect.ts";
import { toolAttributes } from "../genai/read-genai-span.ts";
import { spanError } from "../span-error.ts";

/** MCP servers flag a failed call inside the result. */
function errorOf(span: OtlpSpan, result: string | undefined): ReportedError | null {
  const error = spanError(span, true);
  const value = parsed(result);
  return error === null && isRecord(value) && value["isError"] === true
    ? { type: "tool_error", message: null }
    : error;
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  const { attributes } = span;
  const method = textOf(attributes, "mcp.method.name");
  if (method === undefined) return undefined;
  if (method !== "tools/call") return { kind: "scope", isAgent: false };
  const result = decodedJsonText(attributes[genAi.toolCallResult]);
  return {
    kind: "tool",
    toolName:
      firstText(attributes, [genAi.toolName, "mcp.tool.name"]) ?? span.name.replace(/^tools\/call /, ""),
    callId: firstText(attributes, toolAttributes.callId),
    arguments: decodedJsonText(attributes[genAi.toolCallArguments]),
    result,
    error: errorOf(span, result),
  };
}

export const mcpDialect: Dialect = {
  name: "mcp",
  summary: {
    captured: "",
    fromSource: "MCP semantic conventions",
    recognisedBy: "`mcp.method.name`",
    reads: "`gen_ai.tool.name`, `gen_ai.tool.call.arguments`, `gen_ai.tool.call.result`, `error.type`",
  },
  readSpan,
};
