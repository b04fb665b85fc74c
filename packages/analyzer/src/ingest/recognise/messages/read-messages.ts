import type { Message, MessagePart } from "@plumbline/contracts";
import { isRecord, jsonTextOf, parsed } from "../attribute-access.ts";
import { flattenedResult, readPart, toolCallResponse } from "./read-part.ts";

type Json = Record<string, unknown>;

const roleNames: Partial<Record<string, string>> = {
  human: "user",
  HumanMessage: "user",
  ai: "assistant",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
  model: "assistant",
  developer: "system",
  SystemMessage: "system",
  ToolMessage: "tool",
  function: "tool",
};

export const roleOf = (role: string): string =>
  (Object.hasOwn(roleNames, role) ? roleNames[role] : undefined) ?? role;

/** Items of the OpenAI responses API that stand between messages and say by their type whose they are. */
const itemRoles: Partial<Record<string, string>> = {
  function_call: "assistant",
  function_call_output: "tool",
  reasoning: "assistant",
  tool_call: "assistant",
  tool_call_response: "tool",
};

function partsOf(content: unknown): MessagePart[] {
  const value = typeof content === "string" ? parsedParts(content) : content;
  if (typeof value === "string") return value === "" ? [] : [{ type: "text", content: value }];
  if (Array.isArray(value))
    return value.map((item: unknown) => readPart(item)).filter((part) => part !== undefined);
  const part = isRecord(value) ? readPart(value) : undefined;
  return part === undefined ? [] : [part];
}

/** Content that is a JSON array of typed parts; any other JSON is a text that happens to be JSON. */
function parsedParts(content: string): unknown {
  if (!content.startsWith("[{")) return content;
  const value = parsed(content);
  const isParts = Array.isArray(value) && value.every((part) => isRecord(part) && isPartLike(part));
  return isParts ? value : content;
}

function isPartLike(part: Json): boolean {
  const type = part["type"];
  if (typeof type === "string")
    return /^(text|tool|input_text|output_text|reasoning|thinking|image|function)/.test(type);
  return ["text", "toolUse", "toolResult", "functionCall", "functionResponse"].some((key) => key in part);
}

/** LangChain serialises messages as `{lc, type: "constructor", id: […, "HumanMessage"], kwargs}`. */
function unwrapped(message: Json): Json {
  const { kwargs, id, data } = message;
  if (isRecord(kwargs) && Array.isArray(id))
    return { type: id.at(-1), ...kwargs, role: roleOf(String(id.at(-1))) };
  if (isRecord(data) && typeof message["type"] === "string")
    return { ...data, role: roleOf(message["type"]) };
  const inner = message["message"];
  if (isRecord(inner) && typeof inner["role"] === "string") return inner;
  return message;
}

function toolCallsOf(message: Json): MessagePart[] {
  const extra = isRecord(message["additional_kwargs"])
    ? message["additional_kwargs"]["tool_calls"]
    : undefined;
  const own = parsed(message["tool_calls"] ?? message["toolCalls"]);
  const calls = Array.isArray(own) && own.length > 0 ? own : extra;
  if (!Array.isArray(calls)) return [];
  return calls.flatMap((call: unknown) => {
    const part = readPart(call);
    return part?.type === "tool_call" ? [part] : [];
  });
}

function toolAnswer(message: Json): MessagePart | undefined {
  const id = message["tool_call_id"] ?? message["toolCallId"] ?? message["id"];
  const content = message["content"] ?? message["response"];
  return content === undefined
    ? undefined
    : toolCallResponse(typeof id === "string" && id !== "" ? id : null, flattenedResult(content));
}

function withoutRepeatedCalls(parts: MessagePart[]): MessagePart[] {
  const seen = new Set<string>();
  return parts.filter((part) => {
    if (part.type !== "tool_call" || typeof part["id"] !== "string") return true;
    if (seen.has(part["id"])) return false;
    seen.add(part["id"]);
    return true;
  });
}

function roleOfMessage(message: Json): string {
  const role = message["role"] ?? message["type"] ?? "";
  return roleOf(typeof role === "string" ? role : "");
}

/** An item of a list that is no message of its own but a part of one. */
function readItem(value: Json): Message | undefined {
  const type = value["type"];
  const isItem = typeof type === "string" && Object.hasOwn(itemRoles, type) && !("role" in value);
  const role = isItem ? itemRoles[type] : undefined;
  const part = role === undefined ? undefined : readPart(value);
  return role === undefined || part === undefined ? undefined : { role, parts: [part] };
}

/** What a tool answered, where the message does not say so by a part of its own. */
function readAnswer(message: Json, content: readonly MessagePart[]): Message | undefined {
  const saysItself = content.some(({ type }) => type === "tool_call_response" || type === "tool_call");
  if (roleOfMessage(message) !== "tool" || saysItself) return undefined;
  // Some emitters put the text alone into parts.
  const answer = toolAnswer("parts" in message ? { ...message, content: message["parts"] } : message);
  return { role: "tool", parts: answer === undefined ? [] : [answer] };
}

function readMessage(value: unknown): Message | undefined {
  if (typeof value === "string") return { role: "user", parts: partsOf(value) };
  if (!isRecord(value)) return undefined;
  const item = readItem(value);
  if (item !== undefined) return item;
  const message = unwrapped(value);
  const content = partsOf(message["parts"] ?? message["content"]);
  const answer = readAnswer(message, content);
  if (answer !== undefined) return answer;
  return { role: roleOfMessage(message), parts: withoutRepeatedCalls([...content, ...toolCallsOf(message)]) };
}

/** Lists may hold lists (LangChain batches) and may hide under a name. */
function listOf(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) {
    const list: unknown[] = value;
    const [first] = list;
    return Array.isArray(first) && list.length === 1 ? (first as unknown[]) : list;
  }
  if (!isRecord(value)) return undefined;
  for (const name of ["messages", "contents", "input"]) {
    const inner = parsed(value[name]);
    if (Array.isArray(inner)) return listOf(inner);
  }
  return "role" in value || "content" in value || "parts" in value ? [value] : undefined;
}

/**
 * Messages out of any known form: JSON text or structure; OpenTelemetry parts, OpenAI chat and responses, Anthropic,
 * Gemini, Bedrock, the AI SDK, Genkit, LangChain.
 * @returns undefined when there is none in it
 */
export function readMessages(value: unknown): Message[] | undefined {
  if (value === undefined || value === null) return undefined;
  const structure = parsed(value);
  if (typeof structure === "string") {
    return structure === "" ? undefined : [{ role: "user", parts: [{ type: "text", content: structure }] }];
  }
  const list = listOf(structure);
  if (list === undefined) return undefined;
  const messages = list.map((item) => readMessage(typeof item === "string" ? parsed(item) : item));
  return messages.filter((message) => message !== undefined);
}

/** As {@link readMessages} for what a model returned: plain text and bare parts are the assistant's. */
export function readOutput(value: unknown): Message[] | undefined {
  const structure = parsed(value);
  if (typeof structure === "string") {
    return structure === ""
      ? undefined
      : [{ role: "assistant", parts: [{ type: "text", content: structure }] }];
  }
  const messages = readMessages(structure);
  return messages?.map((message) =>
    message.role === "" || message.role === "user" ? { ...message, role: "assistant" } : message,
  );
}

/** System instructions as one text: plain, JSON text, or a list of parts. */
export function readInstructions(value: unknown): string | undefined {
  const structure = parsed(value);
  if (structure === undefined || structure === null) return undefined;
  if (typeof structure === "string") return structure === "" ? undefined : structure;
  const list = isRecord(structure) && "parts" in structure ? structure["parts"] : structure;
  const texts = partsOf(list).map((part) =>
    part.type === "text" && "content" in part ? jsonTextOf(part["content"]) : undefined,
  );
  const joined = texts.filter((item) => item !== undefined).join("\n");
  return joined === "" ? undefined : joined;
}
