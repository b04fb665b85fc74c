import type { Message, MessagePart } from "@plumbline/contracts";
import { messageOf } from "@plumbline/contracts";
import type { Redactor } from "./redact.ts";

/** Decides what of a text, a message or an error leaves the process. */
export interface ContentPolicy {
  /** Whether fingerprints are sent instead of contents: then those who make them need the contents as they are. */
  sendsFingerprints: boolean;
  /** Null where no content may leave. */
  text(text: string): string | null;
  message(message: Message): Message;
  /** An attribute of a span that another instrumentation made; null where it may not leave. */
  attribute(name: string, value: string): string | null;
  /** Error texts are always sent, redacted at least. */
  error(thrown: unknown): string;
}

/** A redactor that throws must not let the text out, nor break the agent. */
function guarded(redactor: Redactor): Redactor {
  return (text) => {
    try {
      return redactor(text);
    } catch {
      return "[redactor failed]";
    }
  };
}

/** How much of what was redacted lately is remembered. */
const remembered = { texts: 512, characters: 500_000 };

/** Steps, spans and audit records tell of the same arguments and results, each when it is sent: they are redacted once. */
function remembering(redactor: Redactor): Redactor {
  const last = new Map<string, string>();
  let characters = 0;
  return (text) => {
    const known = last.get(text);
    if (known !== undefined) return known;
    const redacted = redactor(text);
    last.set(text, redacted);
    characters += text.length;
    for (const oldest of last.keys()) {
      if (last.size <= remembered.texts && characters <= remembered.characters) break;
      last.delete(oldest);
      characters -= oldest.length;
    }
    return redacted;
  };
}

/** Redacts every string inside a JSON value, keys excepted. */
function redactDeep(value: unknown, redactor: Redactor, depth = 0): unknown {
  if (typeof value === "string") return redactor(value);
  if (typeof value !== "object" || value === null || depth > 32) return value;
  if (Array.isArray(value)) return value.map((item) => redactDeep(item, redactor, depth + 1));
  const entries = Object.entries(value).map(([key, item]) => [key, redactDeep(item, redactor, depth + 1)]);
  return Object.fromEntries(entries) as Record<string, unknown>;
}

function redactPart(part: MessagePart, redactor: Redactor): MessagePart {
  const { type } = part;
  const { id, name } = part as { id?: unknown; name?: unknown };
  const kept = { type, ...(id === undefined ? {} : { id }), ...(name === undefined ? {} : { name }) };
  return Object.assign({}, redactDeep(part, redactor), kept);
}

const contentNames =
  /message|prompt|completion|instruction|argument|result|content|input|output|query|body/iu;
const longestPlainCharacters = 256;

/** Other instrumentations have names of their own for content: what is named like it, and whatever is long. */
function carriesContent(name: string, value: string): boolean {
  return value.length > longestPlainCharacters || (contentNames.test(name) && !name.includes("tokens"));
}

/** Nothing but features leaves: what an error says may quote a content, so that its class has to do. */
const onlyFingerprints: ContentPolicy = {
  sendsFingerprints: true,
  text: () => null,
  message: (message) => ({ role: message.role, parts: [] }),
  attribute: (name, value) => (carriesContent(name, value) ? null : value),
  error: (thrown) => (thrown instanceof Error ? thrown.constructor.name : "(not sent)"),
};

function nothingBut(redact: Redactor): ContentPolicy {
  return {
    sendsFingerprints: false,
    text: () => null,
    message: (message) => ({ role: message.role, parts: [] }),
    attribute: (name, value) => (carriesContent(name, value) ? null : redact(value)),
    error: (thrown) => redact(messageOf(thrown)),
  };
}

export interface ContentPolicyOptions {
  content: "full" | "redacted" | "fingerprints" | "none";
  /** The application's own; with `content: "full"` the only one. */
  redactor: Redactor | undefined;
  /** The built-in one. */
  redact: Redactor;
}

/** The policy of a setting, with the application's own redactor when it gave one. */
export function createContentPolicy({ content, redactor, redact }: ContentPolicyOptions): ContentPolicy {
  if (content === "full" && redactor === undefined) {
    return {
      sendsFingerprints: false,
      text: (text) => text,
      message: (message) => message,
      attribute: (_, value) => value,
      error: (thrown) => messageOf(thrown),
    };
  }
  if (content === "fingerprints") return onlyFingerprints;
  const safe = guarded(redactor ?? redact);
  if (content === "none") return nothingBut(safe);
  return {
    sendsFingerprints: false,
    text: remembering(safe),
    message: (message) => ({
      role: message.role,
      parts: message.parts.map((part) => redactPart(part, safe)),
    }),
    attribute: (_, value) => safe(value),
    error: (thrown) => safe(messageOf(thrown)),
  };
}
