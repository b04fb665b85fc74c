import { isToolCallPart, isToolCallResponsePart, type Message, type MessagePart } from "@plumbline/contracts";

const place = /^(.+)_\d+$/;

function withoutPlace(part: MessagePart, names: ReadonlySet<string>): MessagePart {
  if (!isToolCallPart(part) && !isToolCallResponsePart(part)) return part;
  const name = part.id === null ? undefined : place.exec(part.id)?.[1];
  return name !== undefined && names.has(name) ? { ...part, id: null } : part;
}

/**
 * Where Gemini gives calls no ids, ADK makes one of the tool's name and the place in the message. It repeats in every
 * turn, and the answer's differs from its call's: such a call has no id.
 */
export function withoutPlaces(messages: readonly Message[]): Message[] {
  const parts = messages.flatMap((message) => message.parts);
  const names = new Set(parts.filter((part) => isToolCallPart(part)).map((call) => call.name));
  if (names.size === 0) return [...messages];
  return messages.map((message) => ({
    ...message,
    parts: message.parts.map((part) => withoutPlace(part, names)),
  }));
}
