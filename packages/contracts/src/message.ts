import { z } from "zod";

/** One part of a message, in the form of the OpenTelemetry GenAI conventions; unknown part types are kept as they are. */
export const messagePartSchema = z.union([
  z.object({ type: z.literal("text"), content: z.string() }),
  z.object({ type: z.literal("reasoning"), content: z.string() }),
  z.object({
    type: z.literal("tool_call"),
    id: z.string().nullable(),
    name: z.string(),
    arguments: z.unknown(),
  }),
  z.object({
    type: z.literal("tool_call_response"),
    id: z.string().nullable(),
    response: z.unknown(),
    /** The application told the model that the call failed. */
    isError: z.boolean().optional(),
  }),
  z.looseObject({ type: z.string() }),
]);
export type MessagePart = z.infer<typeof messagePartSchema>;
export type TextPart = { type: "text"; content: string };
export type ToolCallPart = { type: "tool_call"; id: string | null; name: string; arguments: unknown };
export type ToolCallResponsePart = {
  type: "tool_call_response";
  id: string | null;
  response: unknown;
  isError?: boolean | undefined;
};

export const messageSchema = z.object({
  /** system, user, assistant, tool, or what a provider calls it. */
  role: z.string(),
  parts: z.array(messagePartSchema),
});
export type Message = z.infer<typeof messageSchema>;

export function isTextPart(part: MessagePart): part is TextPart {
  return part.type === "text" && "content" in part && typeof part.content === "string";
}

export function isToolCallPart(part: MessagePart): part is ToolCallPart {
  return part.type === "tool_call" && "name" in part && typeof part.name === "string";
}

export function isToolCallResponsePart(part: MessagePart): part is ToolCallResponsePart {
  return part.type === "tool_call_response" && "response" in part;
}

/** All text of a message, parts joined by a line break. */
export function textOf(message: Message): string {
  return message.parts
    .filter(isTextPart)
    .map((part) => part.content)
    .join("\n");
}

/** Tokens of one model call, one meaning for every dialect: input includes cached, output includes reasoning. */
export const usageSchema = z.object({
  inputTokens: z.number().int().nonnegative(),
  outputTokens: z.number().int().nonnegative(),
  cachedInputTokens: z.number().int().nonnegative(),
  reasoningOutputTokens: z.number().int().nonnegative(),
  /** True when the emitter counted with a tokenizer of its own instead of reading the provider's figures. */
  estimated: z.boolean(),
});
export type Usage = z.infer<typeof usageSchema>;

export const noUsage: Usage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  reasoningOutputTokens: 0,
  estimated: false,
};
