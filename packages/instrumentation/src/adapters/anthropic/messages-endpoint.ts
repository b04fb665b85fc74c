import { insertInjections } from "../../gate/injections.ts";
import { type Endpoint, replyKeyOf } from "../../observe/openai/endpoint.ts";
import { boundOf, textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";
import { startOfConversation } from "../shared/conversation-start.ts";
import { MessageAccumulator, readAnswer } from "./answer.ts";
import { idsIn, toMessage } from "./message.ts";

const messagesOf = (body: Wire): readonly unknown[] =>
  Array.isArray(body["messages"]) ? (body["messages"] as unknown[]) : [];

function systemText(body: Wire): string {
  const { system } = body;
  if (typeof system === "string") return system;
  return wires(system)
    .map((block) => textOf(block["text"]) ?? "")
    .join("\n");
}

/** Whether the conversation ends with the user, every tool call of the model being answered. */
function mayAppend(body: Wire): boolean {
  const messages = messagesOf(body);
  if (wireOf(messages.at(-1))["role"] !== "user") return false;
  const last = messages.findLastIndex((message) => wireOf(message)["role"] === "assistant");
  const answered = new Set(messages.slice(last + 1).flatMap((message) => idsIn(message, "tool_result")));
  return idsIn(messages[last], "tool_use").every((id) => answered.has(id));
}

/** `POST /v1/messages`, and its beta. */
export const messagesEndpoint: Endpoint = {
  operation: "chat",
  messages: messagesOf,
  systemInstructions(body) {
    const text = systemText(body);
    return text === "" ? null : text;
  },
  toMessage,
  hints(body) {
    const roleOf = (message: unknown): unknown => wireOf(message)["role"];
    // A tool runner keeps its history on the server: a later request holds the new messages only.
    const previous = textOf(wireOf(body["thread"])["previous_message_id"]);
    return {
      runId: undefined,
      conversationId: undefined,
      ...startOfConversation(messagesOf(body), { roleOf, toMessage }),
      systemPrompt: systemText(body),
      previousResponseId: previous ?? undefined,
    };
  },
  maxOutputTokens: (body) => boundOf(body["max_tokens"]),
  replyKey: (answer) => replyKeyOf(answer.output.slice(0, 1)),
  mayAppend,
  inject: (body, injections) => ({
    ...body,
    messages: insertInjections(messagesOf(body), injections, (content) => ({ role: "user", content })),
  }),
  readAnswer,
  accumulate: () => new MessageAccumulator(),
};
