import { isToolCallPart, isToolCallResponsePart, type Message } from "@plumbline/contracts";
import type { Identification } from "./dialect.ts";
import type { IdentityHints } from "./draft.ts";
import { historyHints, type HistoryHints, noHistory } from "./history-root.ts";
import type { ObservationContent } from "./observation-content.ts";

/** A prompt of a long run refers to many calls; the last ones are enough to find the run. */
const maxReferences = 32;

function callIdsOf(messages: readonly Message[]): string[] {
  return messages
    .flatMap((message) => message.parts)
    .map((part) => (isToolCallPart(part) || isToolCallResponsePart(part) ? part.id : null))
    .filter((id) => id !== null);
}

function referencesOf(content: ObservationContent): string[] {
  if (content.kind === "model-call-start") return callIdsOf(content.inputMessages);
  if (content.kind === "model-call-end") {
    const { previousResponseId, responseId, inputMessages, output } = content;
    const ids = [previousResponseId, responseId].filter((id) => id !== null);
    return [...ids, ...callIdsOf(inputMessages ?? []), ...callIdsOf(output ?? [])];
  }
  if (content.kind === "tool-call-start" || content.kind === "tool-call-end") {
    return content.callId === null ? [] : [content.callId];
  }
  return content.kind === "message-content" ? callIdsOf(content.messages) : [];
}

function historyOf(content: ObservationContent, logged: Logged): HistoryHints {
  if (content.kind === "message-content") {
    if (content.direction === "output") return noHistory;
    return historyHints(content.messages, { systemInstructions: null, reply: logged.reply });
  }
  if (content.kind !== "model-call-start" && content.kind !== "model-call-end") return noHistory;
  const { inputMessages, inputOffset, systemInstructions } = content;
  if (inputMessages === null || inputOffset > 0) return noHistory;
  const reply = content.kind === "model-call-end" ? (content.output ?? []) : [];
  return historyHints(inputMessages, { systemInstructions, reply });
}

/** What stands beside a content in the same log record. */
interface Logged {
  reply: readonly Message[];
}

export interface HintContext {
  identification: Identification;
  /** The process that sent the record. */
  process: string;
  /** Other contents of the same record. */
  siblings: readonly ObservationContent[];
}

function replyAmong(contents: readonly ObservationContent[]): readonly Message[] {
  const output = contents.find(
    (content) => content.kind === "message-content" && content.direction === "output",
  );
  return output?.kind === "message-content" ? output.messages : [];
}

/** What the content of a record tells of its run. */
export function hintsOfContent(content: ObservationContent, context: HintContext): IdentityHints {
  const { identification, process, siblings } = context;
  return {
    runId: identification.runId ?? null,
    conversationId: identification.conversationId ?? null,
    ...historyOf(content, { reply: replyAmong(siblings) }),
    references: referencesOf(content).slice(-maxReferences),
    process,
  };
}
