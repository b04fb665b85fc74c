import type { Message, MessagePart } from "@plumbline/contracts";
import { parseArguments, textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";

/** A tool's output in a prompt of the AI SDK: `{ type, value }`. */
function outputText(output: unknown): string {
  const { value = output, type, reason } = wireOf(output);
  if (type === "execution-denied") return textOf(reason) ?? "denied";
  if (typeof value === "string") return value;
  if (type !== "content") return JSON.stringify(value ?? null);
  return wires(value)
    .map((part) => textOf(part["text"]) ?? String(part["type"]))
    .join("\n");
}

function partOf(part: Wire): MessagePart {
  const text = textOf(part["text"]) ?? "";
  switch (part["type"]) {
    case "text":
      return { type: "text", content: text };
    case "reasoning":
      return { type: "reasoning", content: text };
    case "tool-call": {
      const args = parseArguments(part["input"]);
      return {
        type: "tool_call",
        id: textOf(part["toolCallId"]),
        name: textOf(part["toolName"]) ?? "",
        arguments: args,
      };
    }
    case "tool-result": {
      const response = outputText(part["output"] ?? part["result"]);
      return { type: "tool_call_response", id: textOf(part["toolCallId"]), response };
    }
    default:
      return { type: textOf(part["type"]) ?? "unknown" };
  }
}

export function partsOf(content: unknown): MessagePart[] {
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", content }];
  return wires(content)
    .map((part) => partOf(part))
    .filter((part) => !("content" in part) || part.content !== "");
}

/** A message of a prompt, or of the application. */
export function promptMessage(raw: unknown): Message {
  const message = wireOf(raw);
  return { role: textOf(message["role"]) ?? "user", parts: partsOf(message["content"]) };
}
