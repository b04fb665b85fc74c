import type { Message, OtlpSpan } from "@plumbline/contracts";
import {
  decodedJsonText,
  firstCount,
  firstText,
  isRecord,
  parsed,
  textOf,
  textsOf,
} from "../attribute-access.ts";
import type { CallReading, Dialect, Identification, ModelReading, ScopeReading } from "../dialect.ts";
import { goalOf } from "../genai/read-genai-span.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";
import { genAiTokenCounts, usageOf } from "../token-usage.ts";

const identification = ({ attributes }: OtlpSpan): Identification => ({
  agentName: firstText(attributes, ["ai.telemetry.functionId", "resource.name"]),
});

function outputOf({ attributes }: OtlpSpan): Message[] | undefined {
  const text = firstText(attributes, [
    "ai.response.text",
    "ai.response.object",
    "ai.result.text",
    "ai.result.object",
  ]);
  const calls = parsed(attributes["ai.response.toolCalls"] ?? attributes["ai.result.toolCalls"]);
  const parts = [
    ...(text === undefined ? [] : [{ type: "text", text }]),
    ...(Array.isArray(calls) ? calls.filter(isRecord).map((call) => ({ ...call, type: "tool-call" })) : []),
  ];
  return parts.length === 0 ? undefined : readOutput([{ role: "assistant", content: parts }]);
}

function usage({ attributes }: OtlpSpan): ModelReading["usage"] {
  const common = genAiTokenCounts(attributes);
  return usageOf({
    input: firstCount(attributes, ["ai.usage.inputTokens", "ai.usage.promptTokens"]) ?? common.input,
    output: firstCount(attributes, ["ai.usage.outputTokens", "ai.usage.completionTokens"]) ?? common.output,
    cachedInput:
      firstCount(attributes, ["ai.usage.inputTokenDetails.cacheReadTokens", "ai.usage.cachedInputTokens"]) ??
      common.cachedInput,
    reasoningOutput: common.reasoningOutput,
  });
}

function readModel(span: OtlpSpan): ModelReading & Identification {
  const { attributes } = span;
  return {
    kind: "model",
    provider: firstText(attributes, ["gen_ai.system", "ai.model.provider"]),
    requestModel: firstText(attributes, ["gen_ai.request.model", "ai.model.id"]),
    responseModel: firstText(attributes, ["ai.response.model", "gen_ai.response.model"]),
    responseId: firstText(attributes, ["ai.response.id", "gen_ai.response.id"]),
    input: readMessages(attributes["ai.prompt.messages"]),
    output: outputOf(span),
    finishReasons: textsOf(
      attributes["gen_ai.response.finish_reasons"] ?? attributes["ai.response.finishReason"],
    ),
    usage: usage(span),
    ...identification(span),
  };
}

/** `ai.prompt` holds `{system, prompt | messages}`. */
function goalIn(span: OtlpSpan): string | undefined {
  const prompt = parsed(span.attributes["ai.prompt"]);
  if (!isRecord(prompt)) return undefined;
  const { prompt: asked, messages } = prompt;
  return goalOf(readMessages(typeof asked === "string" || Array.isArray(asked) ? asked : messages));
}

function readScope(span: OtlpSpan): ScopeReading & Identification {
  return {
    kind: "scope",
    isAgent: /^ai\.(?:generate|stream)/.test(textOf(span.attributes, "ai.operationId") ?? ""),
    goal: goalIn(span),
    output: textOf(span.attributes, "ai.response.text"),
    ...identification(span),
  };
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  const { attributes } = span;
  const operation = textOf(attributes, "ai.operationId");
  if (operation === undefined) return undefined;
  if (/\.do(?:Generate|Stream)$/.test(operation)) return readModel(span);
  if (operation !== "ai.toolCall") return readScope(span);
  return {
    kind: "tool",
    toolName: textOf(attributes, "ai.toolCall.name") ?? "",
    callId: textOf(attributes, "ai.toolCall.id"),
    arguments: decodedJsonText(attributes["ai.toolCall.args"] ?? attributes["ai.toolCall.input"]),
    result: decodedJsonText(attributes["ai.toolCall.result"] ?? attributes["ai.toolCall.output"]),
    ...identification(span),
  };
}

/** The AI SDK's own spans, versions 4 to 6 and 7 with its legacy telemetry. */
export const vercelAiDialect: Dialect = {
  name: "vercel-ai",
  summary: {
    captured: "AI SDK 4, 5, 6, 7 (legacy telemetry)",
    fromSource: "",
    recognisedBy: "`ai.operationId`",
    reads:
      "`ai.prompt`, `ai.prompt.messages`, `ai.response.*`, `ai.toolCall.*`, `ai.usage.*`, `ai.telemetry.functionId`, `ai.telemetry.metadata.*`",
  },
  readSpan,
};
