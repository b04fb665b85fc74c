import { describe, expect, it } from "vitest";
import { chatEndpoint } from "./chat-endpoint.ts";

const user = { role: "user", content: "hi" };
const call = (id: string) => ({ id, type: "function", function: { name: "look", arguments: '{"n":1}' } });
const asked = { role: "assistant", content: null, tool_calls: [call("c1"), call("c2")] };
const answer = (id: string) => ({ role: "tool", tool_call_id: id, content: "found" });

describe("a message at the end of a chat", () => {
  it.each([
    ["after the user's words", [user], true],
    ["after an answer of the model", [user, { role: "assistant", content: "hello" }], true],
    ["after all results of the tool calls", [user, asked, answer("c1"), answer("c2")], true],
    ["between tool calls and their results", [user, asked], false],
    ["between two results", [user, asked, answer("c1")], false],
    ["in an empty chat", [], true],
  ])("%s", (_, messages, allowed) => {
    expect(chatEndpoint.mayAppend({ messages })).toBe(allowed);
  });

  it("is the user's, and the application's own list stays as it was", () => {
    const messages = [user];
    const body = { model: "m", messages };
    const injected = chatEndpoint.inject(body, [
      { nudgeId: "n", text: "try again", position: 1, before: "" },
    ]);
    expect(injected["messages"]).toEqual([user, { role: "user", content: "try again" }]);
    expect(messages).toEqual([user]);
  });
});

describe("chat messages", () => {
  it("are told in the words of the GenAI conventions", () => {
    expect(chatEndpoint.toMessage(asked)).toEqual({
      role: "assistant",
      parts: ["c1", "c2"].map((id) => ({ type: "tool_call", id, name: "look", arguments: { n: 1 } })),
    });
    expect(chatEndpoint.toMessage(answer("c1"))).toEqual({
      role: "tool",
      parts: [{ type: "tool_call_response", id: "c1", response: "found" }],
    });
    const parts = [
      { type: "text", text: "see" },
      { type: "image_url", image_url: { url: "data:…" } },
    ];
    expect(chatEndpoint.toMessage({ role: "user", content: parts })).toEqual({
      role: "user",
      parts: [{ type: "text", content: "see" }, { type: "image_url" }],
    });
  });

  it("that are no messages at all become something harmless", () => {
    for (const raw of [null, 7, "x", [], { role: 5, content: {}, tool_calls: "no" }]) {
      expect(chatEndpoint.toMessage(raw).parts).toEqual([]);
    }
  });
});

describe("what a chat request says about its run", () => {
  it("is its system prompt, its first user message and the model's first answer", () => {
    const messages = [{ role: "system", content: "be kind" }, user, asked, answer("c1"), answer("c2")];
    expect(chatEndpoint.hints({ messages })).toMatchObject({
      systemPrompt: "be kind",
      firstUserMessage: "hi",
      firstReply: "call:c1\ncall:c2",
    });
  });

  it("names the run or the conversation in the metadata", () => {
    expect(
      chatEndpoint.hints({ messages: [], metadata: { "plumbline.run.id": "r", session_id: "s" } }),
    ).toMatchObject({
      runId: "r",
      conversationId: "s",
    });
  });

  it("knows its own answer again in the history", () => {
    const whole = chatEndpoint.readAnswer({
      id: "x",
      model: "m",
      choices: [{ message: asked, finish_reason: "tool_calls" }],
    });
    expect(chatEndpoint.replyKey(whole)).toBe(chatEndpoint.hints({ messages: [user, asked] }).firstReply);
  });
});

describe("the chunks of a chat stream", () => {
  const chunk = (delta: object, more: object = {}) => ({
    id: "x",
    model: "m-1",
    choices: [{ index: 0, delta, ...more }],
  });

  it("give the same answer as the whole", () => {
    const accumulator = chatEndpoint.accumulate();
    accumulator.add(chunk({ role: "assistant", content: "let " }));
    accumulator.add(chunk({ content: "me look" }));
    accumulator.add(
      chunk({ tool_calls: [{ index: 0, id: "c1", function: { name: "look", arguments: '{"n"' } }] }),
    );
    accumulator.add(
      chunk({ tool_calls: [{ index: 0, function: { arguments: ":1}" } }] }, { finish_reason: "tool_calls" }),
    );
    accumulator.add({
      choices: [],
      usage: { prompt_tokens: 9, completion_tokens: 4, prompt_tokens_details: { cached_tokens: 3 } },
    });
    expect(accumulator.answer()).toEqual({
      responseId: "x",
      responseModel: "m-1",
      finishReasons: ["tool_calls"],
      output: [
        {
          role: "assistant",
          parts: [
            { type: "text", content: "let me look" },
            { type: "tool_call", id: "c1", name: "look", arguments: { n: 1 } },
          ],
        },
      ],
      usage: {
        inputTokens: 9,
        outputTokens: 4,
        cachedInputTokens: 3,
        reasoningOutputTokens: 0,
        estimated: false,
      },
    });
  });

  it("that broke off give what came, arguments as text", () => {
    const accumulator = chatEndpoint.accumulate();
    accumulator.add(
      chunk({ tool_calls: [{ index: 1, id: "c2", function: { name: "look", arguments: '{"n' } }] }),
    );
    accumulator.add({ nonsense: true });
    expect(accumulator.answer().output[0]?.parts).toEqual([
      { type: "tool_call", id: "c2", name: "look", arguments: '{"n' },
    ]);
  });
});
