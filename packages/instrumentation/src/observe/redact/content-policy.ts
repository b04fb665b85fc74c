import type { Message, MessagePart } from "@plumbline/contracts";
import { messageOf } from "@plumbline/contracts";
import { redact, type Redactor } from "./redact.ts";

/** Decides what of a text, a message or an error leaves the process. */
export interface ContentPolicy {
  /** Null where no content may leave. */
  text(text: string): string | null;
  message(message: Message): Message;
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

const nothing: ContentPolicy = {
  text: () => null,
  message: (message) => ({ role: message.role, parts: [] }),
  error: (thrown) => redact(messageOf(thrown)),
};

/** The policy of a setting, with the application's own redactor when it gave one. */
export function createContentPolicy(
  content: "full" | "redacted" | "none",
  redactor: Redactor | undefined,
): ContentPolicy {
  if (content === "none") return nothing;
  if (content === "full" && redactor === undefined) {
    return { text: (text) => text, message: (message) => message, error: (thrown) => messageOf(thrown) };
  }
  const safe = guarded(redactor ?? redact);
  return {
    text: safe,
    message: (message) => ({
      role: message.role,
      parts: message.parts.map((part) => redactPart(part, safe)),
    }),
    error: (thrown) => safe(messageOf(thrown)),
  };
}
