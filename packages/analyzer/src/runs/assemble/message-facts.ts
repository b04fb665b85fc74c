import type { Message, MessagePart } from "@plumbline/contracts";
import { jsonOf } from "../../json-of.ts";
import { hashedOn, hashOf } from "./text-hash.ts";

/** What is worked out of a message once, however many prompts it stands in: messages are never changed. */
interface MessageFacts {
  hash: number;
  /** Characters that it takes as JSON, roughly. */
  chars: number;
}

const known = new WeakMap<Message, MessageFacts>();
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

export function messageFacts(message: Message): MessageFacts {
  let facts = known.get(message);
  if (facts === undefined) {
    facts = readFacts(message);
    known.set(message, facts);
  }
  return facts;
}
