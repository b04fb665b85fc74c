import { genAi, type Message, type OtlpSpan } from "@plumbline/contracts";
import {
  decodedJsonText,
  firstText,
  isRecord,
  jsonTextOf,
  parsed,
  textOf,
  textsOf,
} from "../attribute-access.ts";
import type { CallReading, Dialect } from "../dialect.ts";
import { genAiIdentification, goalOf, toolAttributes } from "../genai/read-genai-span.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";
import { genAiTokenCounts, usageOf } from "../token-usage.ts";
import { unflatten } from "../unflatten.ts";
import { toolEntityOf } from "./entity.ts";
import { withEstimateMarked } from "./usage-quirks.ts";

type Json = Record<string, unknown>;

/** `gen_ai.prompt.N.{role,content}` and `.tool_calls.M.{name,arguments}`, without ids in older versions. */
function flatMessages(span: OtlpSpan, prefix: string): unknown[] | undefined {
  const list = unflatten(span.attributes, prefix);
  if (!Array.isArray(list)) return undefined;
  return list.filter(isRecord).map((message: Json) => ({
    ...message,
    content: message["content"] ?? "",
    tool_calls: [...listOf(message["tool_calls"]), ...listOf(message["function_call"])],
  }));
}

function listOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  return isRecord(value) ? [value] : [];
}

function finishReasons(messages: unknown[] | undefined): string[] {
  return (messages ?? []).flatMap((message) =>
    isRecord(message) ? textsOf(jsonTextOf(message["finish_reason"])) : [],
  );
}

function readModel(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const output = flatMessages(span, "gen_ai.completion");
  const prompt = flatMessages(span, "gen_ai.prompt");
  return {
    kind: "model",
    provider: firstText(attributes, [genAi.providerName, "gen_ai.system"])?.toLowerCase(),
    requestModel: textOf(attributes, genAi.requestModel),
    responseModel: textOf(attributes, genAi.responseModel),
    responseId: textOf(attributes, genAi.responseId),
    input: readMessages(attributes[genAi.inputMessages]) ?? readMessages(prompt),
    output: readOutput(attributes[genAi.outputMessages]) ?? readOutput(output),
    finishReasons: finishReasons(output),
    usage: withEstimateMarked(usageOf(genAiTokenCounts(attributes)), span),
    ...genAiIdentification(span),
  };
}

function readTool(span: OtlpSpan): CallReading {
  const { attributes } = span;
  const entity = toolEntityOf(span);
  const ownName = textOf(attributes, "traceloop.entity.name") ?? span.name.replace(/\.tool$/, "");
  return {
    kind: "tool",
    toolName: entity.toolName ?? ownName,
    callId: firstText(attributes, toolAttributes.callId) ?? entity.callId,
    arguments: decodedJsonText(attributes[genAi.toolCallArguments]) ?? entity.arguments,
    result: decodedJsonText(attributes[genAi.toolCallResult]) ?? entity.result,
    ...genAiIdentification(span),
  };
}

/** Inputs are the arguments of the wrapped function: the goal is the first text or the messages among them. */
function goalIn(input: string | undefined): string | undefined {
  const value = parsed(input);
  if (typeof value === "string") return value;
  if (!isRecord(value)) return undefined;
  const { args, kwargs, inputs } = value;
  const values = [...listOf(args), ...(isRecord(kwargs) ? Object.values(kwargs) : []), inputs];
  const text = values.find((item) => typeof item === "string" && item !== "");
  if (typeof text === "string") return text;
  return values.map((item) => goalOf(messagesIn(item))).find((goal) => goal !== undefined);
}

const messagesIn = (item: unknown): Message[] | undefined =>
  isRecord(item) || Array.isArray(item) ? readMessages(item) : undefined;

function readSpan(span: OtlpSpan): CallReading | undefined {
  const { attributes } = span;
  const requestType = textOf(attributes, "llm.request.type");
  if (requestType === "chat" || requestType === "completion") return readModel(span);
  const kind = textOf(attributes, "traceloop.span.kind");
  if (kind === undefined) return undefined;
  if (kind === "tool") return readTool(span);
  const isAgent = kind === "agent" || kind === "workflow";
  return {
    kind: "scope",
    isAgent,
    goal: isAgent ? goalIn(textOf(attributes, "traceloop.entity.input")) : undefined,
    output: isAgent ? jsonTextOf(parsed(attributes["traceloop.entity.output"])) : undefined,
    ...genAiIdentification(span),
  };
}

/** OpenLLMetry (Traceloop): its decorators, and model spans of its older versions; newer ones follow the GenAI conventions. */
export const openLlmetryDialect: Dialect = {
  name: "openllmetry",
  summary: {
    captured: "OpenLLMetry decorators, MCP client, LangChain; OpenAI up to 0.20",
    fromSource: "",
    recognisedBy: "`llm.request.type` = chat, completion; `traceloop.span.kind`",
    reads:
      "`gen_ai.prompt.N.*`, `gen_ai.completion.N.*`, `traceloop.entity.{name,input,output}`, `traceloop.association.properties.*`",
  },
  readSpan,
};
