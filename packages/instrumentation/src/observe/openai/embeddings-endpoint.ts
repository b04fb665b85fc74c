import type { Message } from "@plumbline/contracts";
import { noAnswer } from "../model-call.ts";
import { type Endpoint, metadataHints } from "./endpoint.ts";
import { textOf, usageIn } from "./wire.ts";

function toMessage(raw: unknown): Message {
  return {
    role: "user",
    parts: typeof raw === "string" ? [{ type: "text", content: raw }] : [{ type: "tokens" }],
  };
}

/** `POST /embeddings`: no conversation, so nothing can be put into it. */
export const embeddingsEndpoint: Endpoint = {
  operation: "embeddings",
  // A list of numbers is one text as tokens.
  messages: ({ input }) =>
    Array.isArray(input) && typeof input[0] !== "number" ? (input as unknown[]) : [input],
  systemInstructions: () => null,
  maxOutputTokens: () => 0,
  toMessage,
  hints: (body) => ({
    ...metadataHints(body),
    systemPrompt: "",
    firstUserMessage: undefined,
    firstReply: undefined,
    previousResponseId: undefined,
  }),
  replyKey: () => "",
  mayAppend: () => false,
  inject: (body) => body,
  readAnswer: (data) => ({
    ...noAnswer,
    responseModel: textOf(data["model"]),
    usage: usageIn(data["usage"]),
  }),
  accumulate: () => ({ add: () => undefined, answer: () => noAnswer }),
};
