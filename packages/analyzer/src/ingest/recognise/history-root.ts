import { isToolCallPart, type Message, textOf } from "@plumbline/contracts";
import type { IdentityHints } from "./draft.ts";

export type HistoryHints = Pick<
  IdentityHints,
  "systemPrompt" | "firstUserMessage" | "firstCallId" | "isContinued" | "isAnswered" | "tellsReply"
>;

export const noHistory: HistoryHints = {
  systemPrompt: null,
  firstUserMessage: null,
  firstCallId: null,
  isContinued: false,
  isAnswered: false,
  tellsReply: false,
};

function firstCallIdIn(messages: readonly Message[]): string | null {
  for (const part of messages.flatMap((message) => message.parts)) {
    if (isToolCallPart(part) && part.id !== null) return part.id;
  }
  return null;
}

/** The messages of the first reply: emitters may write one reply as several. */
function firstReplyIn(messages: readonly Message[]): Message[] {
  const start = messages.findIndex((message) => message.role === "assistant");
  if (start < 0) return [];
  const end = messages.findIndex((message, index) => index > start && message.role !== "assistant");
  return messages.slice(start, end < 0 ? undefined : end);
}

/** Calls without ids do not tell this run from another that was asked the same. */
function asksWithoutIds(messages: readonly Message[]): boolean {
  const calls = messages.flatMap((message) => message.parts).filter((part) => isToolCallPart(part));
  return calls.length > 0 && calls.every((call) => call.id === null);
}

/**
 * What a prompt, known from its beginning, tells of the run: system prompt, first user message, and the first reply.
 * @param reply what the model answered to this very prompt, where the same record tells it
 */
export function historyHints(
  messages: readonly Message[],
  { systemInstructions, reply }: { systemInstructions: string | null; reply: readonly Message[] },
): HistoryHints {
  const first = messages.find((message) => message.role === "user" && textOf(message) !== "");
  const system = messages.find((message) => message.role === "system");
  const firstReply = firstReplyIn(messages);
  const beginning = firstReply.length === 0 ? reply : firstReply;
  return {
    systemPrompt: systemInstructions ?? (system === undefined ? null : textOf(system)),
    firstUserMessage: first === undefined ? null : textOf(first),
    firstCallId: firstCallIdIn(beginning),
    isContinued: firstReply.length > 0,
    isAnswered: beginning.length > 0 && !asksWithoutIds(beginning),
    tellsReply: reply.length > 0,
  };
}
