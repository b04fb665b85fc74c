import type { Message } from "@plumbline/contracts";
import type { ContentPolicy } from "./redact/content-policy.ts";

/** A message ready to leave the process, and its JSON. */
export interface EncodedMessage {
  message: Message;
  /** Of the message, or of the original where only fingerprints leave: it tells prompts apart, and is not sent then. */
  json: string;
  /** The message as it was, where fingerprints are made of it. */
  original?: Message;
}

interface Remembered extends EncodedMessage {
  content: unknown;
  toolCalls: unknown;
}

const fieldsOf = (raw: object): { content: unknown; toolCalls: unknown } => {
  const { content, output, tool_calls: toolCalls } = raw as Record<string, unknown>;
  return { content: content ?? output, toolCalls };
};

/**
 * Turns the application's messages into ours. An agent sends its whole history again with every call, so what was
 * done for a message object is remembered for as long as that object lives and holds the same content.
 */
export class PromptEncoder {
  private readonly remembered = new WeakMap<object, Remembered>();
  private readonly policy: ContentPolicy;

  constructor(policy: ContentPolicy) {
    this.policy = policy;
  }

  encode(raw: unknown, toMessage: (raw: unknown) => Message): EncodedMessage {
    if (typeof raw !== "object" || raw === null) return this.encodeAnew(raw, toMessage);
    const fields = fieldsOf(raw);
    const before = this.remembered.get(raw);
    const isSame =
      before !== undefined && before.content === fields.content && before.toolCalls === fields.toolCalls;
    if (isSame) return before;
    const encoded = { ...this.encodeAnew(raw, toMessage), ...fields };
    this.remembered.set(raw, encoded);
    return encoded;
  }

  private encodeAnew(raw: unknown, toMessage: (raw: unknown) => Message): EncodedMessage {
    const original = toMessage(raw);
    const message = this.policy.message(original);
    if (this.policy.sendsFingerprints) return { message, json: JSON.stringify(original), original };
    return { message, json: JSON.stringify(message) };
  }
}

/** How many leading messages two prompts share. */
export function commonPrefix(before: readonly string[], now: readonly string[]): number {
  const most = Math.min(before.length, now.length);
  let length = 0;
  while (length < most && before[length] === now[length]) length += 1;
  return length;
}

/** A JSON list of the newest messages that fit into `maxCharacters`. */
export function jsonListWithin(jsons: readonly string[], maxCharacters: number): string {
  let first = jsons.length;
  let characters = 2;
  while (first > 0 && characters + (jsons[first - 1]?.length ?? 0) + 1 <= maxCharacters) {
    first -= 1;
    characters += (jsons[first]?.length ?? 0) + 1;
  }
  return `[${jsons.slice(first).join(",")}]`;
}
