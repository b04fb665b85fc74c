import { type Message, type OtlpSpan, textOf as messageText } from "@plumbline/contracts";
import { countOf, firstText, isRecord, jsonTextOf, parsed, textOf, textsOf } from "../attribute-access.ts";
import type { CallReading, Dialect, Identification, ModelReading, ScopeReading } from "../dialect.ts";
import { goalOf, toolNameOf } from "../genai/read-genai-span.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";
import { genAiTokenCounts, usageOf } from "../token-usage.ts";
import { unwrappedArguments, unwrappedResult } from "../tool-result.ts";

const identification = ({ attributes }: OtlpSpan): Identification => ({
  agentName: firstText(attributes, ["langsmith.metadata.lc_agent_name"]),
});

function detail(attributes: OtlpSpan["attributes"], key: string, name: string): number | undefined {
  const value = parsed(attributes[key]);
  return isRecord(value) ? countOf(value[name]) : undefined;
}

function usage({ attributes }: OtlpSpan): ModelReading["usage"] {
  const counts = genAiTokenCounts(attributes);
  const metadata = parsed(attributes["langsmith.metadata.usage_metadata"]);
  const known = isRecord(metadata) ? metadata : {};
  const nested = (outer: string, name: string): number | undefined =>
    isRecord(known[outer]) ? countOf(known[outer][name]) : undefined;
  return usageOf({
    input: counts.input ?? countOf(known["input_tokens"]),
    output: counts.output ?? countOf(known["output_tokens"]),
    cachedInput:
      detail(attributes, "gen_ai.usage.input_token_details", "cache_read") ??
      nested("input_token_details", "cache_read"),
    reasoningOutput:
      detail(attributes, "gen_ai.usage.output_token_details", "reasoning") ??
      nested("output_token_details", "reasoning"),
  });
}

/** Whole run outputs: LangChain generations, an OpenAI response, or a message. */
function outputOf(value: unknown): Message[] | undefined {
  const output = parsed(value);
  if (!isRecord(output)) return readOutput(output);
  const { generations, choices, message, output: items } = output;
  const generation: unknown = Array.isArray(generations) ? (generations as unknown[]).flat()[0] : undefined;
  if (isRecord(generation)) return readOutput([generation["message"] ?? { content: generation["text"] }]);
  if (Array.isArray(choices)) return readOutput(choices);
  if (Array.isArray(items)) return readOutput(items);
  return message === undefined ? readOutput(output) : readOutput([message]);
}

function finishReasonsOf(span: OtlpSpan): string[] {
  return textsOf(span.attributes["gen_ai.response.finish_reasons"]);
}

function readModel(span: OtlpSpan): CallReading {
  const { attributes } = span;
  return {
    kind: "model",
    provider: firstText(attributes, ["langsmith.metadata.ls_provider", "gen_ai.system"]),
    requestModel: firstText(attributes, ["gen_ai.request.model", "langsmith.metadata.ls_model_name"]),
    responseModel: textOf(attributes, "gen_ai.response.model"),
    responseId: textOf(attributes, "gen_ai.response.id"),
    input: readMessages(attributes["gen_ai.prompt"]),
    output: outputOf(attributes["gen_ai.completion"]),
    finishReasons: finishReasonsOf(span),
    usage: usage(span),
    ...identification(span),
  };
}

function readTool(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const input = textOf(attributes, "gen_ai.prompt");
  const output = textOf(attributes, "gen_ai.completion");
  return {
    kind: "tool",
    toolName: toolNameOf(span),
    callId: textOf(attributes, "gen_ai.tool.call.id"),
    arguments: input === undefined ? undefined : unwrappedInput(input),
    result: output === undefined ? undefined : unwrappedOutput(output),
    ...identification(span),
  };
}

/** `traceable` wraps a single argument as `{input: …}` and a plain return value as `{output(s): …}`. */
function unwrappedInput(text: string): string {
  const value = parsed(text);
  if (!isRecord(value) || Object.keys(value).length !== 1 || !("input" in value))
    return unwrappedArguments(text);
  const { input } = value;
  return isRecord(input) || (typeof input === "string" && input.startsWith("{"))
    ? (jsonTextOf(input) ?? text)
    : text;
}

function unwrappedOutput(text: string): string {
  const value = parsed(text);
  if (!isRecord(value) || Object.keys(value).length !== 1) return unwrappedResult(text);
  const inner = value["outputs"] ?? value["output"];
  return inner === undefined ? unwrappedResult(text) : unwrappedResult(jsonTextOf(inner) ?? text);
}

function readScope(span: OtlpSpan): ScopeReading & Identification {
  const { attributes } = span;
  const isRoot = span.parentSpanId === "";
  const messages = isRoot ? readMessages(attributes["gen_ai.completion"]) : undefined;
  const last = messages?.findLast((message) => messageText(message) !== "");
  return {
    kind: "scope",
    isAgent: isRoot,
    goal: isRoot ? goalIn(attributes["gen_ai.prompt"]) : undefined,
    output: isRoot && last !== undefined ? messageText(last) : undefined,
    ...identification(span),
  };
}

function goalIn(value: unknown): string | undefined {
  const input = parsed(value);
  const asked = isRecord(input) && typeof input["input"] === "string" ? input["input"] : undefined;
  return asked ?? goalOf(readMessages(input));
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  const kind = textOf(span.attributes, "langsmith.span.kind");
  switch (kind) {
    case undefined:
      return undefined;
    case "llm":
      return readModel(span);
    case "tool":
      return readTool(span);
    default:
      return readScope(span);
  }
}

export const langsmithDialect: Dialect = {
  name: "langsmith",
  summary: {
    captured: "LangGraph (JavaScript, Python), OpenAI wrapper (JavaScript)",
    fromSource: "",
    recognisedBy: "`langsmith.span.kind`",
    reads: "`gen_ai.prompt`, `gen_ai.completion`, `gen_ai.usage.*`, `langsmith.metadata.*`",
  },
  readSpan,
};
