import type { Attributes, Message } from "@plumbline/contracts";
import { isRecord, parsed } from "../attribute-access.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";
import { unflatten } from "../unflatten.ts";

type Json = Record<string, unknown>;

const inner = (value: unknown, name: string): unknown => (isRecord(value) ? value[name] : undefined);

/** `message_content.*` beside a tool call that the Anthropic instrumentation writes a second time. */
function content(message: Json): unknown {
  const { contents } = message;
  if (!Array.isArray(contents)) return message["content"];
  const parts = contents.map((item) => inner(item, "message_content")).filter(isRecord);
  const texts = parts.filter((part) => part["type"] === "text" || part["type"] === "reasoning");
  return texts.length > 0 ? texts : message["content"];
}

function toolCalls(message: Json): unknown[] {
  const own = Array.isArray(message["tool_calls"]) ? (message["tool_calls"] as unknown[]) : [];
  const inContents = Array.isArray(message["contents"]) ? (message["contents"] as unknown[]) : [];
  return [...own, ...inContents].map((item) => inner(item, "tool_call")).filter((call) => call !== undefined);
}

/** The flattened form as the plain OpenAI form, which the common reader knows. */
function plainMessage(item: unknown): unknown {
  const message = inner(item, "message");
  if (!isRecord(message)) return undefined;
  const isAnswer = typeof message["tool_call_id"] === "string";
  return {
    role: isAnswer ? "tool" : message["role"],
    content: content(message) ?? "",
    ...(isAnswer && { tool_call_id: message["tool_call_id"] }),
    tool_calls: toolCalls(message),
  };
}

function flattened(attributes: Attributes, prefix: string): unknown[] | undefined {
  const list = unflatten(attributes, prefix);
  if (!Array.isArray(list)) return undefined;
  const messages = list.map(plainMessage).filter((message) => message !== undefined);
  return messages.length === 0 ? undefined : messages;
}

/** The request as it was sent; some instrumentations print its messages instead of encoding them. */
function requestIn(attributes: Attributes): unknown {
  const request = parsed(attributes["input.value"]);
  const messages = isRecord(request) ? request["messages"] : request;
  const isEncoded = Array.isArray(messages) && messages.every((message) => typeof message !== "string");
  return isEncoded ? request : undefined;
}

/** The prompt: flattened messages, or the request itself where the attribute limit cut those. */
export function promptMessages(attributes: Attributes): Message[] | undefined {
  const messages = flattened(attributes, "llm.input_messages");
  const request = requestIn(attributes);
  const wasCut = messages === undefined || isCut(messages, request) || lacksAnswers(messages);
  const fromRequest = wasCut ? readMessages(request) : undefined;
  return fromRequest !== undefined && fromRequest.length > 0 ? fromRequest : readMessages(messages);
}

/** Of the results of parallel calls that share a message only the last is flattened. */
function lacksAnswers(messages: unknown[]): boolean {
  const answered = new Set(messages.map((message) => inner(message, "tool_call_id")));
  return messages
    .flatMap((message) => inner(message, "tool_calls") ?? [])
    .some((call) => !answered.has(inner(call, "id")));
}

/** The request of the OpenAI responses API is a list of items; some instrumentations number them from 1. */
function isCut(messages: unknown[], request: unknown): boolean {
  const inRequest = isRecord(request) ? request["messages"] : undefined;
  return Array.isArray(inRequest) && inRequest.length > messages.length + 1;
}

function outputsIn(response: unknown): unknown {
  const { choices, output, generations, message } = isRecord(response) ? response : {};
  if (Array.isArray(choices)) return choices;
  if (Array.isArray(output)) return output;
  const generation: unknown = Array.isArray(generations) ? (generations as unknown[]).flat()[0] : undefined;
  return inner(generation, "message") ?? message ?? response;
}

export function completionMessages(attributes: Attributes): Message[] | undefined {
  const messages = flattened(attributes, "llm.output_messages");
  if (messages !== undefined) return readOutput(messages);
  const value = attributes["output.value"];
  return value === undefined || value === null ? undefined : readOutput(outputsIn(parsed(value)));
}
