import {
  genAi,
  type Message,
  type OtlpSpan,
  plumblineAttribute,
  textOf as messageText,
} from "@plumbline/contracts";
import { amountOf, decodedJsonText, firstText, isRecord, textOf, textsOf } from "../attribute-access.ts";
import type { CallReading, Identification, ModelReading, ScopeReading, ToolReading } from "../dialect.ts";
import { readOutput } from "../messages/read-messages.ts";
import { type ToolEntity, toolEntityOf } from "../openllmetry/entity.ts";
import { leavesOutCache, withEstimateMarked } from "../openllmetry/usage-quirks.ts";
import { genAiTokenCounts, usageOf } from "../token-usage.ts";
import { unwrappedResult, unwrappedRunnableInput } from "../tool-result.ts";
import { unflatten } from "../unflatten.ts";
import { messagesOfEvents } from "./message-events.ts";
import { messagesOnSpan } from "./messages-on-span.ts";
import { operationKinds } from "./operations.ts";

/** Who the call is for. */
export function genAiIdentification({ attributes }: OtlpSpan): Identification {
  return { agentName: textOf(attributes, genAi.agentName) };
}

function finishReasonsOf(span: OtlpSpan): string[] {
  const own = textsOf(
    span.attributes[genAi.responseFinishReasons] ?? span.attributes["gen_ai.response.finish_reason"],
  );
  return own.length > 0 ? own : messagesOfEvents(span.events).finishReasons;
}

function usageOfSpan(span: OtlpSpan): ModelReading["usage"] {
  const counts = { ...genAiTokenCounts(span.attributes), inputExcludesCache: leavesOutCache(span) };
  return withEstimateMarked(usageOf(counts), span);
}

/** LiteLLM writes tool calls apart from the output messages, in the older flattened form. */
function withFlattenedCalls(output: Message[] | undefined, span: OtlpSpan): Message[] | undefined {
  const hasCalls =
    output?.some((message) => message.parts.some((part) => part.type === "tool_call")) === true;
  if (hasCalls || !Object.keys(span.attributes).some((key) => flattenedCall.test(key))) return output;
  const calls = unflatten(span.attributes, "gen_ai.completion");
  const parts = (Array.isArray(calls) ? calls : []).flatMap((item: unknown) => {
    const call = isRecord(item) ? item["function_call"] : undefined;
    return isRecord(call)
      ? [{ type: "function_call", name: call["name"], arguments: call["arguments"] }]
      : [];
  });
  const read = readOutput([{ role: "assistant", content: parts }]) ?? [];
  return [...(output ?? []), ...read];
}

const flattenedCall = /^gen_ai\.completion\.\d+\.function_call\./;

const costNames = ["gen_ai.usage.cost", "operation.cost", "gen_ai.cost.total_cost"];

export function readGenAiModel(span: OtlpSpan): ModelReading & Identification {
  const { attributes } = span;
  const messages = messagesOnSpan(span);
  const cost = costNames.map((name) => amountOf(attributes[name])).find((amount) => amount !== undefined);
  return {
    kind: "model",
    provider: firstText(attributes, [genAi.providerName, "gen_ai.system"]),
    requestModel: textOf(attributes, genAi.requestModel),
    responseModel: textOf(attributes, genAi.responseModel),
    responseId: textOf(attributes, genAi.responseId),
    previousResponseId: textOf(attributes, genAi.previousResponseId),
    ...messages,
    output: withFlattenedCalls(messages.output, span),
    finishReasons: finishReasonsOf(span),
    usage: usageOfSpan(span),
    reportedCostUsd: cost,
    ...genAiIdentification(span),
  };
}

const namePrefix = /^(?:execute_tool|running tool:?|tool_call)\s+/;

/** The tool of a tool span: its attribute, else what stands behind the operation in the span's name. */
export function toolNameOf(span: OtlpSpan): string {
  return textOf(span.attributes, genAi.toolName) ?? span.name.replace(namePrefix, "");
}

export const toolAttributes = {
  callId: [genAi.toolCallId, "gen_ai.tool.call_id"],
  arguments: [genAi.toolCallArguments, "gen_ai.tool.arguments", "tool_arguments", "input"],
  result: [
    genAi.toolCallResult,
    "gen_ai.tool.result",
    "tool_response",
    "anthropic.tool_result.content",
    "output",
  ],
} as const;

function firstValue(span: OtlpSpan, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const text = decodedJsonText(span.attributes[key]);
    if (text !== undefined) return text;
  }
  return undefined;
}

/** Arguments and result as messages on the span tell them, where its attributes don't. */
function toolMessageTexts(span: OtlpSpan): Pick<ToolEntity, "arguments" | "result"> {
  const { input, output } = messagesOnSpan(span);
  const all = [...(input ?? []), ...(output ?? [])].flatMap((message) => message.parts);
  const call = all.find((part) => part.type === "tool_call");
  const answer = all.find((part) => part.type === "tool_call_response");
  return {
    arguments:
      call === undefined ? undefined : decodedJsonText("arguments" in call ? call.arguments : undefined),
    result:
      answer === undefined ? undefined : decodedJsonText("response" in answer ? answer.response : undefined),
  };
}

function mapped(text: string | undefined, change: (text: string) => string): string | undefined {
  return text === undefined ? undefined : change(text);
}

/** What the span's own attributes tell, and its messages where these leave something out. */
function toolTexts(span: OtlpSpan): Pick<ToolEntity, "arguments" | "result"> {
  const own = {
    arguments: mapped(firstValue(span, toolAttributes.arguments), unwrappedRunnableInput),
    result: mapped(firstValue(span, toolAttributes.result), unwrappedResult),
  };
  if (own.arguments !== undefined && own.result !== undefined) return own;
  const fromMessages = toolMessageTexts(span);
  return {
    arguments: own.arguments ?? fromMessages.arguments,
    result: own.result ?? fromMessages.result,
  };
}

export function readGenAiTool(span: OtlpSpan): ToolReading & Identification {
  const told = toolTexts(span);
  const entity = toolEntityOf(span);
  return {
    kind: "tool",
    toolName: textOf(span.attributes, genAi.toolName) ?? entity.toolName ?? toolNameOf(span),
    callId: firstText(span.attributes, toolAttributes.callId) ?? entity.callId,
    arguments: told.arguments ?? entity.arguments,
    result: told.result ?? entity.result ?? decodedJsonText(span.attributes[genAi.outputMessages]),
    ...genAiIdentification(span),
  };
}

/** What a prompt asks for: the first message of the user. */
export function goalOf(input: readonly Message[] | undefined): string | undefined {
  const asked = input?.find((message) => message.role === "user" && messageText(message) !== "");
  return asked === undefined ? undefined : messageText(asked);
}

function lastTextOf(output: readonly Message[] | undefined): string | undefined {
  const last = output?.findLast((message) => messageText(message) !== "");
  return last === undefined ? undefined : messageText(last);
}

export function readGenAiScope(span: OtlpSpan, isAgent: boolean): ScopeReading & Identification {
  const { input, output } = messagesOnSpan(span);
  return {
    kind: "scope",
    isAgent,
    goal: textOf(span.attributes, plumblineAttribute.goal) ?? goalOf(input),
    output: lastTextOf(output),
    ...genAiIdentification(span),
  };
}

/** A span by its `gen_ai.operation.name`; undefined when it has none, or one that says nothing of runs. */
export function readGenAiSpan(span: OtlpSpan): CallReading | undefined {
  const operation = textOf(span.attributes, genAi.operationName);
  const isKnown = operation !== undefined && Object.hasOwn(operationKinds, operation);
  const kind = isKnown ? operationKinds[operation] : undefined;
  switch (kind) {
    case "model":
      return readGenAiModel(span);
    case "tool":
      return readGenAiTool(span);
    case "agent":
      return readGenAiScope(span, true);
    case "scope":
      return readGenAiScope(span, false);
    case undefined:
      return undefined;
  }
}
