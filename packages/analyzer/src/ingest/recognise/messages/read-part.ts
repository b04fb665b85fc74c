import type { MessagePart } from "@plumbline/contracts";
import { isRecord, jsonTextOf, parsed } from "../attribute-access.ts";
import { pythonLiteral } from "../python-literal.ts";

type Json = Record<string, unknown>;

const text = (content: string): MessagePart => ({ type: "text", content });

function idOf(...candidates: unknown[]): string | null {
  for (const candidate of candidates) if (typeof candidate === "string" && candidate !== "") return candidate;
  return null;
}

function nameOf(...candidates: unknown[]): string {
  return idOf(...candidates) ?? "";
}

export function toolCall(id: string | null, name: string, callArguments: unknown): MessagePart {
  return { type: "tool_call", id, name, arguments: parsed(callArguments) ?? {} };
}

export function toolCallResponse(id: string | null, response: unknown, isError = false): MessagePart {
  const printed = typeof response === "string" ? pythonLiteral(response) : undefined;
  return {
    type: "tool_call_response",
    id,
    response: printed ?? response ?? null,
    ...(isError && { isError }),
  };
}

/** Anthropic and Bedrock let the application say that a call failed. */
const saysError = (part: Json): boolean =>
  part["is_error"] === true || part["isError"] === true || part["status"] === "error";

/** A result that is itself a list of text parts, as its text. */
export function flattenedResult(value: unknown): unknown {
  const list = parsed(value);
  if (!Array.isArray(list) || list.length === 0) return value;
  const texts = list.map((part: unknown) => {
    if (!isRecord(part)) return null;
    const { text: partText, content, json } = part;
    if (typeof partText === "string") return partText;
    if (typeof content === "string" && part["type"] === "text") return content;
    return json === undefined ? null : (jsonTextOf(json) ?? "");
  });
  return texts.every((item) => item !== null) ? texts.join("\n") : value;
}

/** AI SDK: `{type: "text" | "json" | "error-text" | …, value}` around the result. */
function unwrappedOutput(value: unknown): unknown {
  if (isRecord(value) && typeof value["type"] === "string" && "value" in value)
    return flattenedResult(value["value"]);
  return flattenedResult(value);
}

type PartReader = (part: Json) => MessagePart | undefined;

/** Parts that name their type, as OpenTelemetry, OpenAI, Anthropic, the AI SDK and LangChain write them. */
const byType: Partial<Record<string, PartReader>> = {
  text: (part) => {
    const content = part["content"] ?? part["text"] ?? part["value"];
    return typeof content === "string" ? text(content) : undefined;
  },
  input_text: (part) => (typeof part["text"] === "string" ? text(part["text"]) : undefined),
  output_text: (part) => (typeof part["text"] === "string" ? text(part["text"]) : undefined),
  reasoning: (part) => {
    const content = part["content"] ?? part["text"] ?? part["summary"];
    return {
      type: "reasoning",
      content: typeof content === "string" ? content : (jsonTextOf(content) ?? ""),
    };
  },
  thinking: (part) => ({ type: "reasoning", content: nameOf(part["thinking"], part["content"]) }),
  tool_call: (part) =>
    toolCall(
      idOf(part["call_id"], part["id"], part["tool_call_id"]),
      nameOf(part["name"], part["tool_name"]),
      part["arguments"] ?? part["args"] ?? part["input"],
    ),
  tool_call_response: (part) =>
    toolCallResponse(
      idOf(part["call_id"], part["id"], part["tool_call_id"]),
      flattenedResult(part["response"] ?? part["result"] ?? part["content"]),
    ),
  function_call: (part) =>
    toolCall(idOf(part["call_id"], part["id"]), nameOf(part["name"]), part["arguments"]),
  function: (part) => openAiToolCall(part),
  function_call_output: (part) => toolCallResponse(idOf(part["call_id"]), flattenedResult(part["output"])),
  tool_use: (part) => toolCall(idOf(part["id"]), nameOf(part["name"]), part["input"] ?? part["arguments"]),
  tool_result: (part) =>
    toolCallResponse(
      idOf(part["tool_use_id"], part["id"]),
      flattenedResult(part["content"]),
      saysError(part),
    ),
  "tool-call": (part) =>
    toolCall(idOf(part["toolCallId"]), nameOf(part["toolName"]), part["input"] ?? part["args"]),
  "tool-result": (part) =>
    toolCallResponse(idOf(part["toolCallId"]), unwrappedOutput(part["output"] ?? part["result"])),
};
/** Strands names the parts of Bedrock by a type of their own. */
byType["toolUse"] = (part) => toolCall(idOf(part["toolUseId"]), nameOf(part["name"]), part["input"]);
byType["toolResult"] = (part) =>
  toolCallResponse(idOf(part["toolUseId"]), flattenedResult(part["content"]), saysError(part));
byType["thought"] = byType["reasoning"];
byType["tool_response"] = byType["tool_call_response"];
byType["tool_call_result"] = byType["tool_call_response"];
byType["mcp_tool_use"] = byType["tool_use"];
byType["mcp_tool_result"] = byType["tool_result"];

function openAiToolCall(part: Json): MessagePart | undefined {
  const call = part["function"];
  if (!isRecord(call)) return undefined;
  return toolCall(idOf(part["id"], part["call_id"]), nameOf(call["name"]), call["arguments"]);
}

/** Parts that are told by the one field they hold: Gemini, Bedrock (Strands) and Genkit. */
const byField: readonly [string, (inner: Json) => MessagePart][] = [
  ["functionCall", (inner) => toolCall(idOf(inner["id"]), nameOf(inner["name"]), inner["args"])],
  [
    "function_call",
    (inner) => toolCall(idOf(inner["id"]), nameOf(inner["name"]), inner["args"] ?? inner["arguments"]),
  ],
  ["functionResponse", (inner) => toolCallResponse(idOf(inner["id"]), inner["response"])],
  ["function_response", (inner) => toolCallResponse(idOf(inner["id"]), inner["response"])],
  ["toolUse", (inner) => toolCall(idOf(inner["toolUseId"]), nameOf(inner["name"]), inner["input"])],
  [
    "toolResult",
    (inner) =>
      toolCallResponse(idOf(inner["toolUseId"]), flattenedResult(inner["content"]), saysError(inner)),
  ],
  ["toolRequest", (inner) => toolCall(idOf(inner["ref"]), nameOf(inner["name"]), inner["input"])],
  ["toolResponse", (inner) => toolCallResponse(idOf(inner["ref"]), inner["output"])],
];

function untypedPart(part: Json): MessagePart | undefined {
  for (const [name, read] of byField) {
    const inner = part[name];
    if (isRecord(inner)) return read(inner);
  }
  if (isRecord(part["function"])) return openAiToolCall(part);
  if (typeof part["text"] === "string")
    return part["thought"] === true ? { type: "reasoning", content: part["text"] } : text(part["text"]);
  // LangChain's own form of a tool call.
  if (typeof part["name"] === "string" && ("args" in part || "arguments" in part))
    return toolCall(idOf(part["id"], part["call_id"]), part["name"], part["args"] ?? part["arguments"]);
  return undefined;
}

/** One part of a message in any of the known forms; an unknown form is kept as it is. */
export function readPart(value: unknown): MessagePart | undefined {
  if (typeof value === "string") return text(value);
  if (!isRecord(value)) return undefined;
  const type = value["type"];
  const known = typeof type === "string" && Object.hasOwn(byType, type) ? byType[type]?.(value) : undefined;
  const part = known ?? untypedPart(value);
  if (part !== undefined) return part;
  return typeof type === "string" ? { ...value, type } : { ...value, type: "unknown" };
}
