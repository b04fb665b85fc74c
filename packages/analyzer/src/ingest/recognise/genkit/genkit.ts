import type { OtlpSpan, ReportedError } from "@plumbline/contracts";
import { countOf, decodedJsonText, isRecord, jsonTextOf, parsed, textOf } from "../attribute-access.ts";
import type { CallReading, Dialect, ModelReading, ScopeReading } from "../dialect.ts";
import { goalOf } from "../genai/read-genai-span.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";
import { spanError } from "../span-error.ts";
import { usageOf } from "../token-usage.ts";

function usage(output: Record<string, unknown>): ModelReading["usage"] {
  const counted = output["usage"];
  if (!isRecord(counted)) return undefined;
  return usageOf({
    input: countOf(counted["inputTokens"]),
    output: countOf(counted["outputTokens"]),
    cachedInput:
      countOf(counted["cachedContentTokens"]) ?? rawCount(output, "prompt_tokens_details", "cached_tokens"),
    reasoningOutput:
      countOf(counted["thoughtsTokens"]) ?? rawCount(output, "completion_tokens_details", "reasoning_tokens"),
  });
}

/** The provider's own response lies beside Genkit's, with details that Genkit leaves out. */
function rawCount(output: Record<string, unknown>, details: string, name: string): number | undefined {
  const raw = output["raw"] ?? output["custom"];
  const counted = isRecord(raw) ? raw["usage"] : undefined;
  const inner = isRecord(counted) ? counted[details] : undefined;
  return isRecord(inner) ? countOf(inner[name]) : undefined;
}

function readModel(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const input = parsed(attributes["genkit:input"]);
  const output = parsed(attributes["genkit:output"]);
  const name = textOf(attributes, "genkit:name") ?? span.name;
  const slash = name.indexOf("/");
  const response = isRecord(output) ? output : {};
  return {
    kind: "model",
    provider: slash < 0 ? undefined : name.slice(0, slash),
    requestModel: name.slice(slash + 1),
    input: readMessages(input),
    output: readOutput(response["message"] === undefined ? undefined : [response["message"]]),
    finishReasons: typeof response["finishReason"] === "string" ? [response["finishReason"]] : [],
    usage: usage(response),
    error: errorOf(span),
  };
}

function errorOf(span: OtlpSpan): ReportedError | null {
  const error = spanError(span, false);
  return error === null && textOf(span.attributes, "genkit:state") === "error"
    ? { type: null, message: null }
    : error;
}

function readScope(span: OtlpSpan, isAgent: boolean): ScopeReading {
  const input = parsed(span.attributes["genkit:input"]);
  const output = parsed(span.attributes["genkit:output"]);
  const asked = typeof input === "string" ? input : goalOf(readMessages(input));
  return {
    kind: "scope",
    isAgent,
    goal: isAgent ? asked : undefined,
    output: isAgent ? jsonTextOf(output) : undefined,
  };
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  const { attributes } = span;
  const type = textOf(attributes, "genkit:metadata:subtype") ?? textOf(attributes, "genkit:type");
  switch (type) {
    case undefined:
      return undefined;
    case "model":
      return readModel(span);
    case "tool":
    case "tool.v2":
      return {
        kind: "tool",
        toolName: textOf(attributes, "genkit:name") ?? span.name,
        arguments: decodedJsonText(attributes["genkit:input"]),
        result: decodedJsonText(attributes["genkit:output"]),
        error: errorOf(span) ?? spanError(span, true),
      };
    default:
      return readScope(span, type === "flow");
  }
}

export const genkitDialect: Dialect = {
  name: "genkit",
  summary: {
    captured: "Genkit 1",
    fromSource: "",
    recognisedBy: "`genkit:metadata:subtype`, else `genkit:type`",
    reads: "`genkit:input`, `genkit:output` (with its usage), `genkit:name`, `genkit:state`",
  },
  readSpan,
};
