import { type OtlpSpan, type ReportedError, textOf as messageText } from "@plumbline/contracts";
import { amountOf, countOf, decodedJsonText, isRecord, parsed, textOf } from "../attribute-access.ts";
import type { CallReading, Dialect, ScopeReading, ToolReading } from "../dialect.ts";
import { goalOf } from "../genai/read-genai-span.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";
import { spanError } from "../span-error.ts";
import { providerTokenCounts, type TokenCounts, usageOf } from "../token-usage.ts";

const attribute = (name: string): string => `langfuse.observation.${name}`;

/** Langfuse splits totals into parts (`input` without cached, `output` without reasoning); Python sends OpenAI's totals. */
function langfuseTokens(details: Record<string, unknown>): TokenCounts {
  const cached = countOf(details["input_cached_tokens"]) ?? countOf(details["cache_read_input_tokens"]);
  const reasoning = countOf(details["output_reasoning_tokens"]) ?? countOf(details["output_reasoning"]);
  const split = details["input"] !== undefined || details["output"] !== undefined;
  if (!split) return providerTokenCounts(details);
  return {
    input: countOf(details["input"]),
    output: countOf(details["output"]),
    cachedInput: cached ?? countOf(details["input_cache_read"]),
    cacheWrite: countOf(details["input_cache_creation"]),
    reasoningOutput: reasoning,
    inputExcludesCache: true,
    outputExcludesReasoning: true,
  };
}

function errorOf(span: OtlpSpan): ReportedError | null {
  const error = spanError(span, false);
  if (error !== null || textOf(span.attributes, attribute("level")) !== "ERROR") return error;
  return { type: null, message: textOf(span.attributes, attribute("status_message")) ?? null };
}

function readModel(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const details = parsed(attributes[attribute("usage_details")]);
  const cost = parsed(attributes[attribute("cost_details")]);
  const model = textOf(attributes, attribute("model.name"));
  return {
    kind: "model",
    requestModel: model,
    responseModel: model,
    input: readMessages(attributes[attribute("input")]),
    output: readOutput(attributes[attribute("output")]),
    usage: isRecord(details) ? usageOf(langfuseTokens(details)) : undefined,
    reportedCostUsd: isRecord(cost) ? amountOf(cost["total"]) : undefined,
    error: errorOf(span),
  };
}

function readTool(span: OtlpSpan): ToolReading & Pick<CallReading, "error"> {
  return {
    kind: "tool",
    toolName: span.name,
    arguments: decodedJsonText(span.attributes[attribute("input")]),
    result: decodedJsonText(span.attributes[attribute("output")]),
    error: errorOf(span) ?? spanError(span, true),
  };
}

function readScope(
  span: OtlpSpan,
  isAgent: boolean,
): ScopeReading & Pick<CallReading, "error"> & { agentName?: string } {
  const { attributes } = span;
  const output = readOutput(attributes[attribute("output")])?.at(-1);
  return {
    kind: "scope",
    isAgent,
    goal: goalOf(readMessages(attributes[attribute("input")] ?? attributes["langfuse.trace.input"])),
    output: output === undefined ? undefined : messageText(output),
    error: errorOf(span),
    ...(isAgent && { agentName: span.name }),
  };
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  const type = textOf(span.attributes, attribute("type"));
  switch (type) {
    case undefined:
      return undefined;
    case "generation":
      return readModel(span);
    case "tool":
      return readTool(span);
    default:
      return readScope(span, type === "agent");
  }
}

export const langfuseDialect: Dialect = {
  name: "langfuse",
  summary: {
    captured: "JavaScript, Python",
    fromSource: "",
    recognisedBy: "`langfuse.observation.type`",
    reads:
      "`langfuse.observation.{input,output,model.name,usage_details,cost_details,level,status_message}`, `session.id`",
  },
  readSpan,
};
