import type { Message } from "@plumbline/contracts";
import type { Injection } from "../../gate/injections.ts";
import type { AnswerAccumulator, ModelAnswer } from "../model-call.ts";
import type { Wire } from "./wire.ts";

/** What a request says about the run it belongs to, without `supervise`. */
export interface RunHints {
  runId: string | undefined;
  conversationId: string | undefined;
  systemPrompt: string;
  firstUserMessage: string | undefined;
  /** Encoded first answer of the model in the history; undefined on the first turn. */
  firstReply: string | undefined;
  previousResponseId: string | undefined;
}

/** One endpoint of the API in neutral terms; everything here is pure. */
export interface Endpoint {
  operation: "chat" | "embeddings";
  /** The prompt, one element per message. */
  messages(body: Wire): readonly unknown[];
  systemInstructions(body: Wire): string | null;
  /** The most tokens that the request lets the model answer; undefined where it sets no bound. */
  maxOutputTokens(body: Wire): number | undefined;
  toMessage(raw: unknown): Message;
  hints(body: Wire): RunHints;
  /** The first answer of a conversation, encoded as `hints` does it. */
  replyKey(answer: ModelAnswer): string;
  /** Whether one more message may stand at the end: never between tool calls and their results. */
  mayAppend(body: Wire): boolean;
  /** The body with messages of a user put in. */
  inject(body: Wire, injections: readonly Injection[]): Wire;
  readAnswer(data: Wire): ModelAnswer;
  accumulate(): AnswerAccumulator;
}

/** What names a run in a request's metadata, strongest first. */
export function metadataHints(body: Wire): Pick<RunHints, "runId" | "conversationId"> {
  const metadata = body["metadata"];
  const read = (name: string): string | undefined => {
    const value = (metadata as Wire | undefined)?.[name];
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  if (typeof metadata !== "object" || metadata === null)
    return { runId: undefined, conversationId: undefined };
  const conversationId =
    read("gen_ai.conversation.id") ?? read("conversation_id") ?? read("thread_id") ?? read("session_id");
  return { runId: read("plumbline.run.id"), conversationId };
}

/** A reply that both sides of a conversation encode alike: its text and the ids of its tool calls. */
export function replyKeyOf(output: readonly Message[]): string {
  const parts = output.flatMap((message) => message.parts);
  const keys = parts.map((part) => {
    if (part.type === "tool_call" && "id" in part) return `call:${String(part.id)}`;
    return part.type === "text" && "content" in part ? `text:${String(part.content)}` : "";
  });
  return keys.filter((key) => key !== "").join("\n");
}
