import { describe, expect, it } from "vitest";
import { languageModelEndpoint } from "./ai-sdk/language-model-endpoint.ts";
import { messagesEndpoint } from "./anthropic/messages-endpoint.ts";
import { chatModelEndpoint } from "./langchain/chat-model-endpoint.ts";

const call = (id: string) => ({ type: "tool-call", toolCallId: id, toolName: "find", input: {} });
const result = (id: string) => ({
  type: "tool-result",
  toolCallId: id,
  output: { type: "text", value: "1" },
});
const use = (id: string) => ({ type: "tool_use", id, name: "find", input: {} });
const used = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "1" });
const user = { role: "user", content: "hi" };

describe("a nudge", () => {
  it.each([
    ["after a question", [user], true],
    [
      "after every result",
      [
        user,
        { role: "assistant", content: [call("a"), call("b")] },
        { role: "tool", content: [result("a"), result("b")] },
      ],
      true,
    ],
    [
      "while a result is missing",
      [
        user,
        { role: "assistant", content: [call("a"), call("b")] },
        { role: "tool", content: [result("a")] },
      ],
      false,
    ],
  ])("stands in a prompt of the AI SDK %s: %#", (_, prompt, may) => {
    expect(languageModelEndpoint.mayAppend({ prompt })).toBe(may);
    expect(languageModelEndpoint.mayAppend({ prompt, sealed: true })).toBe(false);
  });

  it.each([
    ["after a question", [user], true],
    [
      "after every result",
      [
        user,
        { role: "assistant", content: [use("a"), use("b")] },
        { role: "user", content: [used("a"), used("b")] },
      ],
      true,
    ],
    [
      "while a result is missing",
      [user, { role: "assistant", content: [use("a"), use("b")] }, { role: "user", content: [used("a")] }],
      false,
    ],
    ["after words put into the model's mouth", [user, { role: "assistant", content: "It is" }], false],
  ])("stands among messages of Anthropic %s: %#", (_, messages, may) => {
    expect(messagesEndpoint.mayAppend({ messages })).toBe(may);
  });

  it.each([
    ["after a question", [{ role: "human", content: "hi" }], true],
    [
      "after every result",
      [
        { role: "ai", content: "", tool_calls: [{ id: "a" }] },
        { role: "tool", tool_call_id: "a", content: "1" },
      ],
      true,
    ],
    [
      "while a result is missing",
      [
        { role: "ai", content: "", tool_calls: [{ id: "a" }, { id: "b" }] },
        { role: "tool", tool_call_id: "a", content: "1" },
      ],
      false,
    ],
  ])("stands among messages of LangChain %s: %#", (_, messages, may) => {
    expect(chatModelEndpoint((text) => text).mayAppend({ messages })).toBe(may);
  });
});
