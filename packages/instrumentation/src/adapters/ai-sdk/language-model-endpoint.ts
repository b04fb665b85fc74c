import { insertInjections } from "../../gate/injections.ts";
import { type Endpoint, replyKeyOf } from "../../observe/openai/endpoint.ts";
import { boundOf, textOf, type Wire, wireOf, wires } from "../../observe/openai/wire.ts";
import { startOfConversation } from "../shared/conversation-start.ts";
import { readAnswer, StreamAccumulator } from "./answer.ts";
import { promptMessage } from "./prompt.ts";

const promptOf = (body: Wire): readonly unknown[] =>
  Array.isArray(body["prompt"]) ? (body["prompt"] as unknown[]) : [];

/** What names a run in `providerOptions: { plumbline: { … } }`, which no provider reads. */
function namedIn(body: Wire): { runId: string | undefined; conversationId: string | undefined } {
  const named = wireOf(wireOf(body["providerOptions"])["plumbline"]);
  return {
    runId: textOf(named["runId"]) ?? undefined,
    conversationId: textOf(named["conversationId"]) ?? undefined,
  };
}

/** Ids of tool calls that the last assistant message made and no tool message answered. */
function unansweredCalls(prompt: readonly Wire[]): unknown[] {
  const last = prompt.findLastIndex((message) => message["role"] === "assistant");
  if (last < 0) return [];
  const idsIn = (message: Wire | undefined, type: string): unknown[] =>
    wires(message?.["content"])
      .filter((part) => part["type"] === type)
      .map((part) => part["toolCallId"]);
  const answered = new Set(prompt.slice(last).flatMap((message) => idsIn(message, "tool-result")));
  return idsIn(prompt[last], "tool-call").filter((id) => !answered.has(id));
}

/**
 * A language model of the AI SDK, versions 2 to 4 of its interface (ai 5, 6 and 7): `prompt` and `providerOptions` of its
 * call options, and the answers of `doGenerate` and `doStream`. A body with `sealed` takes no further message.
 */
export const languageModelEndpoint: Endpoint = {
  operation: "chat",
  messages: promptOf,
  systemInstructions: () => null,
  toMessage: promptMessage,
  hints: (body) => ({
    ...namedIn(body),
    ...startOfConversation(promptOf(body), {
      roleOf: (message) => wireOf(message)["role"],
      toMessage: promptMessage,
    }),
    previousResponseId: undefined,
  }),
  maxOutputTokens: (body) => boundOf(body["maxOutputTokens"]),
  replyKey: (answer) => replyKeyOf(answer.output.slice(0, 1)),
  mayAppend: (body) => body["sealed"] !== true && unansweredCalls(wires(body["prompt"])).length === 0,
  inject: (body, injections) => ({
    ...body,
    prompt: insertInjections(promptOf(body), injections, (text) => ({
      role: "user",
      content: [{ type: "text", text }],
    })),
  }),
  readAnswer,
  accumulate: () => new StreamAccumulator(),
};
