import type { OtlpSpan, ReportedError } from "@plumbline/contracts";
import { countOf, decodedJsonText, firstText, parsed, textOf } from "../attribute-access.ts";
import type { CallReading, Dialect } from "../dialect.ts";
import { goalOf } from "../genai/read-genai-span.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";
import { spanError } from "../span-error.ts";
import { usageOf } from "../token-usage.ts";

function errorOf(span: OtlpSpan): ReportedError | null {
  const error = spanError(span, true);
  if (error !== null) return error;
  const message = textOf(span.attributes, "error.message");
  return message === undefined ? null : { type: textOf(span.attributes, "error.name") ?? null, message };
}

function readModel(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const model = firstText(attributes, ["llm.model", "ai.model.name", "gen_ai.request.model"]);
  return {
    kind: "model",
    provider: firstText(attributes, ["llm.provider", "ai.model.provider"]),
    requestModel: model,
    responseModel: model,
    input: readMessages(attributes["llm.messages"] ?? attributes["input"]),
    output: readOutput(attributes["output"]),
    usage: usageOf({
      input: countOf(attributes["llm.usage.prompt_tokens"]) ?? countOf(attributes["usage.prompt_tokens"]),
      output:
        countOf(attributes["llm.usage.completion_tokens"]) ?? countOf(attributes["usage.completion_tokens"]),
      cachedInput:
        countOf(attributes["llm.usage.cached_tokens"]) ?? countOf(attributes["usage.cached_tokens"]),
      reasoningOutput: countOf(attributes["llm.usage.reasoning_tokens"]),
    }),
  };
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  const { attributes } = span;
  const type = textOf(attributes, "span.type");
  const isAgent = textOf(attributes, "entity.type") === "agent" && (type === undefined || type === "agent");
  const agentName = firstText(attributes, ["entity.name", "agent.name"]);
  if (isAgent) {
    const goal = goalOf(readMessages(attributes["input"]));
    return { kind: "scope", isAgent, goal, output: textOf(attributes, "output"), agentName };
  }
  switch (type) {
    case "llm":
      return { ...readModel(span), agentName };
    case "tool":
      return {
        kind: "tool",
        toolName: firstText(attributes, ["tool.name", "entity.name"]) ?? span.name,
        callId: firstText(attributes, ["tool.call.id", "tool.callId"]),
        arguments: decodedJsonText(attributes["tool.arguments"] ?? attributes["input"]),
        result: decodedJsonText(attributes["tool.result"] ?? attributes["output"]),
        error: errorOf(span),
      };
    case "memory":
    case "retriever":
      return { kind: "scope", isAgent: false };
    default:
      return undefined;
  }
}

export const voltAgentDialect: Dialect = {
  name: "voltagent",
  verification: "source-only",
  summary: {
    recognisedBy: "`span.type` = llm, tool, memory, retriever; `entity.type` = agent",
    reads: "`input`, `output`, `tool.name`, `llm.usage.*`, `entity.name`, `conversation.id`",
  },
  readSpan: (span) =>
    parsed(span.attributes["span.type"] ?? span.attributes["entity.type"]) === undefined
      ? undefined
      : readSpan(span),
};
