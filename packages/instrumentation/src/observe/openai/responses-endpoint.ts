import type { Message, MessagePart } from "@plumbline/contracts";
import { insertInjections } from "../../gate/injections.ts";
import { type AnswerAccumulator, type ModelAnswer, noAnswer } from "../model-call.ts";
import { type Endpoint, metadataHints, replyKeyOf } from "./endpoint.ts";
import {
  boundOf,
  contentParts,
  isWire,
  parseArguments,
  textOf,
  textOfParts,
  toolResponse,
  usageIn,
  type Wire,
  wireOf,
  wires,
} from "./wire.ts";

function callPart(item: Wire): MessagePart {
  const id = textOf(item["call_id"]) ?? textOf(item["id"]);
  return {
    type: "tool_call",
    id,
    name: textOf(item["name"]) ?? "",
    arguments: parseArguments(item["arguments"] ?? item["input"]),
  };
}

function reasoningText(item: Wire): string {
  return [...wires(item["summary"]), ...wires(item["content"])]
    .map((part) => textOf(part["text"]) ?? "")
    .join("\n");
}

function toMessage(raw: unknown): Message {
  if (typeof raw === "string") return { role: "user", parts: contentParts(raw) };
  const item = wireOf(raw);
  switch (item["type"]) {
    case "function_call":
    case "custom_tool_call":
      return { role: "assistant", parts: [callPart(item)] };
    case "function_call_output":
    case "custom_tool_call_output": {
      const part = {
        type: "tool_call_response",
        id: textOf(item["call_id"]),
        response: toolResponse(item["output"]),
      };
      return { role: "tool", parts: [part] };
    }
    case "reasoning":
      return { role: "assistant", parts: [{ type: "reasoning", content: reasoningText(item) }] };
    default:
      return { role: textOf(item["role"]) ?? "assistant", parts: contentParts(item["content"]) };
  }
}

function inputOf(body: Wire): readonly unknown[] {
  const { input } = body;
  if (typeof input === "string") return [input];
  return Array.isArray(input) ? (input as unknown[]) : [];
}

const isFromUser = (item: unknown): boolean =>
  typeof item === "string" || (isWire(item) && item["role"] === "user");
const isFromModel = (item: unknown): boolean =>
  isWire(item) &&
  (item["role"] === "assistant" || item["type"] === "function_call" || item["type"] === "custom_tool_call");
const isAnswer = (item: Wire): boolean => String(item["type"]).endsWith("call_output");

/** Output of one response as one assistant message, so that it reads like a chat completion's. */
function outputMessages(output: unknown): Message[] {
  const parts = wires(output).flatMap((item) => toMessage(item).parts);
  return parts.length === 0 ? [] : [{ role: "assistant", parts }];
}

function finishReason(response: Wire, output: readonly Message[]): string[] {
  const incomplete = textOf(wireOf(response["incomplete_details"])["reason"]);
  if (incomplete !== null) return [incomplete];
  const calls = output.some((message) => message.parts.some((part) => part.type === "tool_call"));
  if (response["status"] === "completed") return [calls ? "tool_calls" : "stop"];
  return textOf(response["status"]) === null ? [] : [String(response["status"])];
}

function readAnswer(data: Wire): ModelAnswer {
  const output = outputMessages(data["output"]);
  return {
    responseId: textOf(data["id"]),
    responseModel: textOf(data["model"]),
    output,
    finishReasons: finishReason(data, output),
    usage: usageIn(data["usage"]),
  };
}

/** The last event of a stream holds the whole response; for a broken stream the finished items are kept. */
class ResponseAccumulator implements AnswerAccumulator {
  private latest: Wire = {};
  private readonly items: Wire[] = [];
  private text = "";

  add(chunk: unknown): void {
    const event = wireOf(chunk);
    if (isWire(event["response"])) this.latest = event["response"];
    if (event["type"] === "response.output_item.done" && isWire(event["item"])) {
      this.items.push(event["item"]);
      this.text = "";
    } else if (event["type"] === "response.output_text.delta") this.text += textOf(event["delta"]) ?? "";
  }

  answer(): ModelAnswer {
    if (Object.keys(this.latest).length === 0) return noAnswer;
    const isWhole = wires(this.latest["output"]).length > 0;
    if (isWhole) return readAnswer(this.latest);
    const cut = this.text === "" ? [] : [{ type: "message", role: "assistant", content: this.text }];
    return { ...readAnswer(this.latest), output: outputMessages([...this.items, ...cut]) };
  }
}

function conversationIn(body: Wire): string | undefined {
  const { conversation } = body;
  return textOf(conversation) ?? textOf(wireOf(conversation)["id"]) ?? undefined;
}

function systemText(body: Wire): string {
  const system = inputOf(body).filter(
    (item) => isWire(item) && (item["role"] === "system" || item["role"] === "developer"),
  );
  const texts = system.map((item) =>
    toMessage(item)
      .parts.map((part) => ("content" in part ? String(part.content) : ""))
      .join("\n"),
  );
  return [textOf(body["instructions"]) ?? "", ...texts].filter((text) => text !== "").join("\n");
}

/** `POST /responses`. */
export const responsesEndpoint: Endpoint = {
  operation: "chat",
  messages: inputOf,
  maxOutputTokens: (body) => boundOf(body["max_output_tokens"]),
  systemInstructions: (body) => textOf(body["instructions"]),
  toMessage,
  hints(body) {
    const input = inputOf(body);
    const firstUser = input.find((item) => isFromUser(item));
    const firstModel = input.findIndex((item) => isFromModel(item));
    const afterReply =
      firstModel < 0
        ? -1
        : input.findIndex((item, index) => index > firstModel && !isFromModel(item) && !isReasoning(item));
    const reply = firstModel < 0 ? [] : input.slice(firstModel, afterReply < 0 ? undefined : afterReply);
    const named = metadataHints(body);
    return {
      ...named,
      conversationId: conversationIn(body) ?? named.conversationId,
      systemPrompt: systemText(body),
      firstUserMessage: firstUser === undefined ? undefined : textOfParts(toMessage(firstUser).parts),
      firstReply: firstModel < 0 ? undefined : replyKeyOf(reply.map((item) => toMessage(item))),
      previousResponseId: textOf(body["previous_response_id"]) ?? undefined,
    };
  },
  replyKey: (answer) => replyKeyOf(answer.output),
  mayAppend(body) {
    const items = wires(body["input"]);
    const answered = new Set(items.filter((item) => isAnswer(item)).map((item) => item["call_id"]));
    return items.every(
      (item) =>
        !String(item["type"]).endsWith("_call") ||
        item["call_id"] === undefined ||
        answered.has(item["call_id"]),
    );
  },
  inject(body, injections) {
    const items = inputOf(body).map((item) =>
      typeof item === "string" ? { role: "user", content: item } : item,
    );
    return {
      ...body,
      input: insertInjections<unknown>(items, injections, (content) => ({ role: "user", content })),
    };
  },
  readAnswer,
  accumulate: () => new ResponseAccumulator(),
};

function isReasoning(item: unknown): boolean {
  return isWire(item) && item["type"] === "reasoning";
}
