import { type Attributes, genAi } from "@plumbline/contracts";
import { textOf } from "./attribute-access.ts";

/** Where applications and emitters put the id of a conversation or session, the plainest first. */
const keys = [
  genAi.conversationId,
  "session.id",
  "conversation.id",
  "langfuse.session.id",
  "gcp.vertex.agent.session_id",
  "mastra.metadata.threadId",
  "mastra.metadata.sessionId",
  "mastra.metadata.runId",
] as const;

/** Emitters that carry the application's own key-value pairs under a prefix of theirs. */
const prefixes = [
  "traceloop.association.properties.",
  "ai.telemetry.metadata.",
  "ai.settings.context.",
  "langsmith.metadata.",
  "langfuse.trace.metadata.",
] as const;
const names = [
  "session_id",
  "sessionId",
  "session.id",
  "thread_id",
  "threadId",
  "conversation_id",
  "conversationId",
  "chat_id",
  "chatId",
] as const;

const candidates = [...keys, ...prefixes.flatMap((prefix) => names.map((name) => `${prefix}${name}`))];

/** Some emitters put the id of the previous response there, which changes with every call. */
const idOfResponse = /^(?:resp|msg|chatcmpl)[_-]/;

export function conversationIdOf(attributes: Attributes): string | undefined {
  for (const key of candidates) {
    const id = textOf(attributes, key);
    if (id !== undefined && !idOfResponse.test(id)) return id;
  }
  return undefined;
}
