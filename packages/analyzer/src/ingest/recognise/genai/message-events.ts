import type { AttributeValue, Message, OtlpSpanEvent } from "@plumbline/contracts";
import { isRecord, parsed, textsOf } from "../attribute-access.ts";
import { readMessages, readOutput } from "../messages/read-messages.ts";

/** What one message event of the conventions up to 1.36 says. */
export interface EventMessages {
  direction: "input" | "output";
  messages: Message[];
  finishReasons: string[];
}

const roles: Partial<Record<string, string>> = {
  "gen_ai.system.message": "system",
  "gen_ai.user.message": "user",
  "gen_ai.assistant.message": "assistant",
  "gen_ai.tool.message": "tool",
};

function roleIn(body: Record<string, unknown>, fallback: string): string {
  const { role } = body;
  return typeof role === "string" && role !== "" ? role : fallback;
}

function inputMessage(body: Record<string, unknown>, role: string): Message[] {
  return readMessages([{ ...body, role: roleIn(body, role) }]) ?? [];
}

function choice(body: Record<string, unknown>): EventMessages {
  const message = parsed(body["message"]);
  const inner = isRecord(message)
    ? { ...body, ...message }
    : { ...body, content: message ?? body["content"] };
  const reason = body["finish_reason"];
  return {
    direction: "output",
    messages: readOutput([{ ...inner, role: roleIn(inner, "assistant") }]) ?? [],
    finishReasons: typeof reason === "string" ? [reason] : [],
  };
}

/**
 * Reads `gen_ai.*.message` and `gen_ai.choice`, whose body holds the message as a structure or as JSON texts.
 * @returns undefined for any other event
 */
export function readMessageEvent(name: string, body: AttributeValue): EventMessages | undefined {
  if (!name.startsWith("gen_ai.")) return undefined;
  const value = parsed(body);
  const record = isRecord(value) ? value : { content: value };
  if (name === "gen_ai.choice") return choice(record);
  const role = Object.hasOwn(roles, name) ? roles[name] : undefined;
  if (role === undefined) return undefined;
  return { direction: "input", messages: inputMessage(record, role), finishReasons: [] };
}

/** Content that stands in the events of a span. */
export function messagesOfEvents(events: readonly OtlpSpanEvent[]): {
  input?: Message[];
  output?: Message[];
  finishReasons: string[];
} {
  const input: Message[] = [];
  const output: Message[] = [];
  const finishReasons: string[] = [];
  for (const event of events) {
    const read = readMessageEvent(event.name, event.attributes);
    if (read === undefined) continue;
    (read.direction === "input" ? input : output).push(...read.messages);
    finishReasons.push(...textsOf(event.attributes["finish_reason"] ?? null));
  }
  return { ...(input.length > 0 && { input }), ...(output.length > 0 && { output }), finishReasons };
}
