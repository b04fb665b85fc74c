/** One message of a chat completion request, as far as the brains look at it. */
export interface ChatMessage {
  role: string;
  text: string;
}

export interface BrainCall {
  name: string;
  arguments: Record<string, unknown>;
}

/** What the model says next: words, calls, or both. */
export interface BrainReply {
  text: string;
  calls: readonly BrainCall[];
}

/** The conversation so far, reduced to what a brain decides on. */
export interface Conversation {
  /** Model replies so far. */
  replies: number;
  /** Tool results so far, oldest first. */
  results: readonly string[];
  /** Messages that came in after the goal: a nudge, or a person's words. */
  interruptions: readonly string[];
}

/** A scripted mind: a pure function of the conversation, so that it reacts to what tools and operators do. */
export type Brain = (conversation: Conversation) => BrainReply;

const interrupting = new Set(["user", "system", "developer"]);

export function conversationOf(messages: readonly ChatMessage[]): Conversation {
  const firstUser = messages.findIndex((message) => message.role === "user");
  return {
    replies: messages.filter((message) => message.role === "assistant").length,
    results: messages.filter((message) => message.role === "tool").map((message) => message.text),
    interruptions: messages
      .filter((message, index) => index > firstUser && interrupting.has(message.role))
      .map((message) => message.text),
  };
}

export const say = (text: string): BrainReply => ({ text, calls: [] });

export function call(name: string, args: Record<string, unknown>, text = ""): BrainReply {
  return { text, calls: [{ name, arguments: args }] };
}
