import type { Message, MessagePart, Usage } from "@plumbline/contracts";
import {
  countOf,
  isWire,
  textOf,
  toolResponse,
  type Wire,
  wireOf,
  wires,
} from "../../observe/openai/wire.ts";

type PartReader = (block: Wire) => MessagePart;

function toolCall({ id, name, input }: Wire): MessagePart {
  return { type: "tool_call", id: textOf(id), name: textOf(name) ?? "", arguments: input ?? {} };
}

function toolResult({ tool_use_id: id, content }: Wire): MessagePart {
  return { type: "tool_call_response", id: textOf(id), response: toolResponse(content) };
}

const readers = new Map<unknown, PartReader>([
  ["text", (block) => ({ type: "text", content: textOf(block["text"]) ?? "" })],
  ["thinking", (block) => ({ type: "reasoning", content: textOf(block["thinking"]) ?? "" })],
  ["tool_use", toolCall],
  ["mcp_tool_use", toolCall],
  ["server_tool_use", toolCall],
  ["tool_result", toolResult],
  ["mcp_tool_result", toolResult],
]);

/** A content block of the Messages API. */
function partOf(block: Wire): MessagePart {
  const read = readers.get(block["type"]);
  return read === undefined ? { type: textOf(block["type"]) ?? "unknown" } : read(block);
}

export function partsOf(content: unknown): MessagePart[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", content }];
  return wires(content).map((block) => partOf(block));
}

/** A message as the application gave it. One that only answers tool calls speaks for the tools. */
export function toMessage(raw: unknown): Message {
  const message = wireOf(raw);
  const parts = partsOf(message["content"]);
  const answers = parts.length > 0 && parts.every((part) => part.type === "tool_call_response");
  return { role: answers ? "tool" : (textOf(message["role"]) ?? "user"), parts };
}

/** The API counts cached input apart; here it is part of the input. */
export function usageOf(usage: unknown): Usage | null {
  if (!isWire(usage)) return null;
  const read = countOf(usage["cache_read_input_tokens"]);
  const written = countOf(usage["cache_creation_input_tokens"]);
  return {
    inputTokens: countOf(usage["input_tokens"]) + read + written,
    outputTokens: countOf(usage["output_tokens"]),
    cachedInputTokens: read,
    reasoningOutputTokens: 0,
    estimated: false,
  };
}

export const idsIn = (message: unknown, type: string): unknown[] =>
  wires(wireOf(message)["content"])
    .filter((block) => block["type"] === type)
    .map((block) => block[type === "tool_use" ? "id" : "tool_use_id"]);
