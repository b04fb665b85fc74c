import type { Message } from "@plumbline/contracts";
import { replyKeyOf, type RunHints } from "../../observe/openai/endpoint.ts";
import { textOfParts } from "../../observe/openai/wire.ts";

/** How to read the messages of one API. */
export interface MessageReader {
  roleOf: (raw: unknown) => unknown;
  toMessage: (raw: unknown) => Message;
}

/** What the messages at the beginning of a conversation say of the run it belongs to. */
export function startOfConversation(
  messages: readonly unknown[],
  { roleOf, toMessage }: MessageReader,
): Pick<RunHints, "systemPrompt" | "firstUserMessage" | "firstReply"> {
  const first = (role: string): Message | undefined => {
    const found = messages.find((message) => roleOf(message) === role);
    return found === undefined ? undefined : toMessage(found);
  };
  const [user, reply] = [first("user"), first("assistant")];
  const system = messages.filter((message) => roleOf(message) === "system");
  return {
    systemPrompt: system.map((message) => textOfParts(toMessage(message).parts)).join("\n"),
    firstUserMessage: user === undefined ? undefined : textOfParts(user.parts),
    firstReply: reply === undefined ? undefined : replyKeyOf([reply]),
  };
}
