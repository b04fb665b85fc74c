import type { Message, MessagePart } from "@plumbline/contracts";
import { insertInjections } from "../../gate/injections.ts";
import { type AnswerAccumulator, type ModelAnswer, noAnswer } from "../model-call.ts";
import { type Endpoint, metadataHints, replyKeyOf } from "./endpoint.ts";
import {
  boundOf,
  contentParts,
  parseArguments,
  textOf,
  textOfParts,
  toolResponse,
  usageIn,
  type Wire,
  wireOf,
  wires,
} from "./wire.ts";

function toolCallPart(call: Wire): MessagePart {
  const fn = wireOf(call["function"] ?? call["custom"]);
  const input = fn["arguments"] ?? fn["input"];
  return {
    type: "tool_call",
    id: textOf(call["id"]),
    name: textOf(fn["name"]) ?? "",
    arguments: parseArguments(input),
  };
}

function toMessage(raw: unknown): Message {
  const message = wireOf(raw);
  const role = textOf(message["role"]) ?? "user";
  if (role === "tool" || role === "function") {
    const id = textOf(message["tool_call_id"]) ?? textOf(message["name"]);
    return { role, parts: [{ type: "tool_call_response", id, response: toolResponse(message["content"]) }] };
  }
  const reasoning = textOf(message["reasoning_content"]) ?? textOf(message["reasoning"]);
  const thought: MessagePart[] = reasoning === null ? [] : [{ type: "reasoning", content: reasoning }];
  const refusal = textOf(message["refusal"]);
  const refused: MessagePart[] = refusal === null ? [] : [{ type: "text", content: refusal }];
  const calls = wires(message["tool_calls"]).map((call) => toolCallPart(call));
  return { role, parts: [...thought, ...contentParts(message["content"]), ...refused, ...calls] };
}

const isSystem = (message: Wire): boolean => message["role"] === "system" || message["role"] === "developer";
const textIn = (message: Wire): string => textOfParts(contentParts(message["content"]));

function systemText(body: Wire): string {
  return wires(body["messages"])
    .filter((message) => isSystem(message))
    .map((message) => textIn(message))
    .join("\n");
}

/** Ids of tool calls that the last assistant message made and nobody answered yet. */
function unansweredCalls(messages: readonly Wire[]): string[] {
  const last = messages.findLastIndex((message) => message["role"] === "assistant");
  if (last < 0) return [];
  const asked = wires(messages[last]?.["tool_calls"]).map((call) => String(call["id"]));
  const answered = new Set(messages.slice(last + 1).map((message) => String(message["tool_call_id"])));
  return asked.filter((id) => !answered.has(id));
}

interface PartialCall {
  id: string | null;
  name: string;
  arguments: string;
}

/** Puts the chunks of a stream together; only the first choice counts. */
class ChatAccumulator implements AnswerAccumulator {
  private head: Pick<ModelAnswer, "responseModel" | "responseId" | "usage"> = noAnswer;
  private text = "";
  private readonly calls: PartialCall[] = [];
  private readonly finishReasons: string[] = [];

  add(chunk: unknown): void {
    const { id, model, usage, choices } = wireOf(chunk);
    this.head = {
      responseId: textOf(id) ?? this.head.responseId,
      responseModel: textOf(model) ?? this.head.responseModel,
      usage: usageIn(usage) ?? this.head.usage,
    };
    for (const choice of wires(choices))
      if (choice["index"] === 0 || choice["index"] === undefined) this.addChoice(choice);
  }

  answer(): ModelAnswer {
    const calls = this.calls
      .filter((call) => call !== undefined)
      .map((call) => ({
        type: "tool_call" as const,
        id: call.id,
        name: call.name,
        arguments: parseArguments(call.arguments),
      }));
    const parts: MessagePart[] = [...contentParts(this.text), ...calls];
    const output: Message[] = parts.length === 0 ? [] : [{ role: "assistant", parts }];
    return { ...this.head, output, finishReasons: this.finishReasons };
  }

  private addChoice(choice: Wire): void {
    const delta = wireOf(choice["delta"]);
    this.text += textOf(delta["content"]) ?? textOf(delta["refusal"]) ?? "";
    const reason = textOf(choice["finish_reason"]);
    if (reason !== null) this.finishReasons.push(reason);
    for (const piece of wires(delta["tool_calls"])) this.addCall(piece);
  }

  private addCall(piece: Wire): void {
    const index = typeof piece["index"] === "number" ? piece["index"] : this.calls.length;
    const fn = wireOf(piece["function"]);
    const call = (this.calls[index] ??= { id: null, name: "", arguments: "" });
    call.id = textOf(piece["id"]) ?? call.id;
    call.name += textOf(fn["name"]) ?? "";
    call.arguments += textOf(fn["arguments"]) ?? "";
  }
}

/** `POST /chat/completions`. */
export const chatEndpoint: Endpoint = {
  operation: "chat",
  messages: (body) => (Array.isArray(body["messages"]) ? (body["messages"] as unknown[]) : []),
  systemInstructions: () => null,
  maxOutputTokens: (body) => boundOf(body["max_completion_tokens"] ?? body["max_tokens"]),
  toMessage,
  hints(body) {
    const messages = wires(body["messages"]);
    const firstUser = messages.find((message) => message["role"] === "user");
    const firstAssistant = messages.find((message) => message["role"] === "assistant");
    return {
      ...metadataHints(body),
      systemPrompt: systemText(body),
      firstUserMessage: firstUser === undefined ? undefined : textIn(firstUser),
      firstReply: firstAssistant === undefined ? undefined : replyKeyOf([toMessage(firstAssistant)]),
      previousResponseId: undefined,
    };
  },
  replyKey: (answer) => replyKeyOf(answer.output.slice(0, 1)),
  mayAppend: (body) => unansweredCalls(wires(body["messages"])).length === 0,
  inject(body, injections) {
    const messages = Array.isArray(body["messages"]) ? (body["messages"] as unknown[]) : [];
    return {
      ...body,
      messages: insertInjections(messages, injections, (content) => ({ role: "user", content })),
    };
  },
  readAnswer(data) {
    const choices = wires(data["choices"]);
    return {
      responseId: textOf(data["id"]),
      responseModel: textOf(data["model"]),
      output: choices.map((choice) => toMessage(choice["message"])),
      finishReasons: choices.flatMap((choice) => textOf(choice["finish_reason"]) ?? []),
      usage: usageIn(data["usage"]),
    };
  },
  accumulate: () => new ChatAccumulator(),
};
