import { createObjectNotes, type Message, type MessagePart } from "@plumbline/contracts";
import { jsonOf } from "../../json-of.ts";
import { hashedOn, hashOf } from "./text-hash.ts";

/** What is worked out of a message. */
export interface MessageFacts {
  hash: number;
  /** Characters that it takes as JSON, roughly. */
  chars: number;
}

/** Of messages that are kept: they are never changed. */
const known = createObjectNotes<Message, MessageFacts>();
const plainTextHash = 1;
/** What a message, or a text in it, takes besides. */
const frameChars = 25;

function textAlone(part: MessagePart): string | null {
  if (part.type !== "text" || !("content" in part) || typeof part.content !== "string") return null;
  return Object.keys(part).length === 2 ? part.content : null;
}

function readFacts(message: Message): MessageFacts {
  let hash = hashOf(message.role);
  let chars = frameChars;
  for (const part of message.parts) {
    const text = textAlone(part);
    const told = text ?? jsonOf(part);
    hash = hashedOn(text === null ? hash : hashedOn(hash, plainTextHash), hashOf(told));
    chars += told.length + (text === null ? 0 : frameChars);
  }
  return { hash, chars };
}

/** The same as {@link messageFacts}, for a message that is only looked at: most of a prompt was told before. */
export const passingFacts = (message: Message): MessageFacts => known.get(message) ?? readFacts(message);

/** Keeps what was worked out of a message that is kept itself. */
export const keepFacts = (message: Message, facts: MessageFacts): void => known.set(message, facts);

export function messageFacts(message: Message): MessageFacts {
  let facts = known.get(message);
  if (facts === undefined) {
    facts = readFacts(message);
    known.set(message, facts);
  }
  return facts;
}
