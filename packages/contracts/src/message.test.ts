import { describe, expect, test } from "vitest";
import {
  isTextPart,
  isToolCallPart,
  isToolCallResponsePart,
  messageSchema,
  textOf,
  type MessagePart,
} from "./message.ts";

const parts: MessagePart[] = [
  { type: "text", content: "Looking it up." },
  { type: "reasoning", content: "hidden" },
  { type: "tool_call", id: "call-1", name: "search", arguments: { q: "1042" } },
  { type: "tool_call_response", id: "call-1", response: [] },
  { type: "blob", modality: "image", mime_type: "image/png" },
  { type: "text", content: "Done." },
];

describe("message parts", () => {
  test("a message with parts of unknown types is kept as it is", () => {
    const message = { role: "assistant", parts };
    expect(messageSchema.parse(message)).toEqual(message);
  });

  test("each guard takes its own type only", () => {
    expect(parts.filter(isTextPart)).toHaveLength(2);
    expect(parts.filter(isToolCallPart)).toEqual([parts[2]]);
    expect(parts.filter(isToolCallResponsePart)).toEqual([parts[3]]);
  });

  test("a part that only claims a type is not taken for it", () => {
    expect(isTextPart({ type: "text" })).toBe(false);
    expect(isTextPart({ type: "text", content: 7 })).toBe(false);
    expect(isToolCallPart({ type: "tool_call", id: "call-1" })).toBe(false);
    expect(isToolCallResponsePart({ type: "tool_call_response" })).toBe(false);
  });

  test("the text of a message leaves reasoning and calls out", () => {
    expect(textOf({ role: "assistant", parts })).toBe("Looking it up.\nDone.");
    expect(textOf({ role: "assistant", parts: [] })).toBe("");
  });
});
