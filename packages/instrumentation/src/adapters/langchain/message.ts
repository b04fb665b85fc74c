import type { Message, MessagePart, Usage } from "@plumbline/contracts";
import {
  contentParts,
  countOf,
  isWire,
  textOf,
  toolResponse,
  wireOf,
  wires,
} from "../../observe/openai/wire.ts";

const roles: Readonly<Record<string, string>> = { human: "user", ai: "assistant", developer: "system" };

interface TypedMessage {
  getType?: () => string;
  _getType?: () => string;
}

export function roleOf(raw: unknown): string {
  const message = raw as TypedMessage;
  const type = message.getType?.() ?? message._getType?.() ?? textOf(wireOf(raw)["role"]) ?? "user";
  return roles[type] ?? type;
}

/** A message of `@langchain/core`. */
export function toMessage(raw: unknown): Message {
  const role = roleOf(raw);
  const { content, tool_calls: calls, tool_call_id: callId } = wireOf(raw);
  if (role === "tool")
    return {
      role,
      parts: [{ type: "tool_call_response", id: textOf(callId), response: toolResponse(content) }],
    };
  const asked = wires(calls).map(({ id, name, args }): MessagePart => {
    return { type: "tool_call", id: textOf(id), name: textOf(name) ?? "", arguments: args ?? {} };
  });
  // Providers repeat their calls among the content blocks.
  const said = contentParts(content).filter((part) => "content" in part || asked.length === 0);
  return { role, parts: [...said, ...asked] };
}

export function usageOf(usage: unknown): Usage | null {
  if (!isWire(usage)) return null;
  return {
    inputTokens: countOf(usage["input_tokens"]),
    outputTokens: countOf(usage["output_tokens"]),
    cachedInputTokens: countOf(wireOf(usage["input_token_details"])["cache_read"]),
    reasoningOutputTokens: countOf(wireOf(usage["output_token_details"])["reasoning"]),
    estimated: false,
  };
}
