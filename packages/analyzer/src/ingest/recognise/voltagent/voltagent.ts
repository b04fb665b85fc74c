import type { OtlpSpan, ReportedError, Usage } from "@plumbline/contracts";
import { countOf, decodedJsonText, firstText, textOf } from "../attribute-access.ts";
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
    usage: tokensIn(span, "llm.usage") ?? tokensIn(span, "usage"),
  };
}

function tokensIn({ attributes }: OtlpSpan, prefix: string): Usage | undefined {
  const count = (name: string): number | undefined => countOf(attributes[`${prefix}.${name}_tokens`]);
  return usageOf({
    input: count("prompt"),
    output: count("completion"),
    cachedInput: count("cached"),
    reasoningOutput: count("reasoning"),
  });
}

function readTool(span: OtlpSpan): CallReading {
  const { attributes } = span;
  return {
    kind: "tool",
    toolName: firstText(attributes, ["tool.name", "entity.name"]) ?? span.name,
    callId: firstText(attributes, ["tool.call.id", "tool.callId"]),
    arguments: decodedJsonText(attributes["tool.arguments"] ?? attributes["input"]),
    result: decodedJsonText(attributes["tool.result"] ?? attributes["output"]),
    error: errorOf(span),
  };
}

function readSpan(span: OtlpSpan): CallReading | undefined {
  const { attributes } = span;
  const type = textOf(attributes, "span.type") ?? textOf(attributes, "entity.type");
  const agentName = firstText(attributes, ["entity.name", "agent.name"]);
  switch (type) {
    case "agent":
      return {
        kind: "scope",
        isAgent: true,
        goal: goalOf(readMessages(attributes["input"])),
        output: textOf(attributes, "output"),
        // One span stands for the whole loop of calls, and has the tokens of the last of them.
        usage: tokensIn(span, "usage"),
        agentName,
      };
    case "llm":
      return { ...readModel(span), agentName };
    case "tool":
      return readTool(span);
    case "memory":
    case "retriever":
      return { kind: "scope", isAgent: false };
    case undefined:
    default:
      return undefined;
  }
}

export const voltAgentDialect: Dialect = {
  name: "voltagent",
  summary: {
    captured: "VoltAgent 2",
    fromSource: "",
    recognisedBy: "`span.type` = llm, tool, memory, retriever; `entity.type` = agent",
    reads:
      "`input`, `output`, `tool.name`, `llm.usage.*`, `usage.*` of the agent, `entity.name`, `conversation.id`",
  },
  readSpan,
};
