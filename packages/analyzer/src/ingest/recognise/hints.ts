import { isToolCallPart, isToolCallResponsePart, type Message, textOf } from "@plumbline/contracts";
import type { Identification } from "./dialect.ts";
import type { IdentityHints } from "./draft.ts";
import type { ObservationContent } from "./observation-content.ts";

/** A prompt of a long run refers to many calls; the last ones are enough to find the run. */
const maxReferences = 32;

function callIdsOf(messages: readonly Message[]): string[] {
  return messages
    .flatMap((message) => message.parts)
    .map((part) => (isToolCallPart(part) || isToolCallResponsePart(part) ? part.id : null))
    .filter((id) => id !== null);
}

/** System prompt and first user message of a prompt that is whole from its beginning, as far as they are in it. */
export function historyRootOf(
  messages: readonly Message[],
  systemInstructions: string | null,
): Pick<IdentityHints, "systemPrompt" | "firstUserMessage"> {
  const first = messages.find((message) => message.role === "user" && textOf(message) !== "");
  const system = messages.find((message) => message.role === "system");
  return {
    systemPrompt: systemInstructions ?? (system === undefined ? null : textOf(system)),
    firstUserMessage: first === undefined ? null : textOf(first),
  };
}

const noRoot = { systemPrompt: null, firstUserMessage: null };

function promptHints(content: {
  inputMessages: readonly Message[] | null;
  inputOffset: number;
  systemInstructions: string | null;
}): Pick<IdentityHints, "systemPrompt" | "firstUserMessage"> {
  if (content.inputMessages === null || content.inputOffset > 0) return noRoot;
  return historyRootOf(content.inputMessages, content.systemInstructions);
}

function referencesOf(content: ObservationContent): string[] {
  switch (content.kind) {
    case "model-call-start":
      return callIdsOf(content.inputMessages);
    case "model-call-end": {
      const ids = [content.previousResponseId, content.responseId].filter((id) => id !== null);
      return [...ids, ...callIdsOf(content.inputMessages ?? []), ...callIdsOf(content.output ?? [])];
    }
    case "tool-call-start":
    case "tool-call-end":
      return content.callId === null ? [] : [content.callId];
    case "message-content":
      return callIdsOf(content.messages);
    default:
      return [];
  }
}

function rootOf(content: ObservationContent): Pick<IdentityHints, "systemPrompt" | "firstUserMessage"> {
  switch (content.kind) {
    case "model-call-start":
    case "model-call-end":
      return promptHints(content);
    case "message-content":
      return content.direction === "input" ? historyRootOf(content.messages, null) : noRoot;
    default:
      return noRoot;
  }
}

/** What the content of a record tells of its run. */
export function hintsOfContent(
  content: ObservationContent,
  { identification, process }: { identification: Identification; process: string },
): IdentityHints {
  return {
    runId: identification.runId ?? null,
    conversationId: identification.conversationId ?? null,
    ...rootOf(content),
    references: referencesOf(content).slice(-maxReferences),
    process,
  };
}
