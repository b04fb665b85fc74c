import { describe, expect, it } from "vitest";
import { responsesEndpoint } from "./responses-endpoint.ts";

const call = { type: "function_call", call_id: "c1", id: "fc_1", name: "look", arguments: '{"n":1}' };
const result = { type: "function_call_output", call_id: "c1", output: "found" };
const said = { type: "message", role: "assistant", content: [{ type: "output_text", text: "hello" }] };

describe("a message at the end of a responses request", () => {
  it("may not stand between a call and its result", () => {
    expect(responsesEndpoint.mayAppend({ input: "hi" })).toBe(true);
    expect(responsesEndpoint.mayAppend({ input: [{ role: "user", content: "hi" }, call] })).toBe(false);
    expect(responsesEndpoint.mayAppend({ input: [{ role: "user", content: "hi" }, call, result] })).toBe(
      true,
    );
    expect(responsesEndpoint.mayAppend({ input: [result], previous_response_id: "r" })).toBe(true);
  });

  it("turns a plain text into a list", () => {
    const injected = responsesEndpoint.inject({ input: "hi" }, [
      { nudgeId: "n", text: "again", position: 1, before: "" },
    ]);
    expect(injected["input"]).toEqual([
      { role: "user", content: "hi" },
      { role: "user", content: "again" },
    ]);
  });
});

describe("the items of a responses request", () => {
  it("are told in the words of the GenAI conventions", () => {
    expect([call, result, said, "hi"].map((item) => responsesEndpoint.toMessage(item))).toEqual([
      { role: "assistant", parts: [{ type: "tool_call", id: "c1", name: "look", arguments: { n: 1 } }] },
      { role: "tool", parts: [{ type: "tool_call_response", id: "c1", response: "found" }] },
      { role: "assistant", parts: [{ type: "text", content: "hello" }] },
      { role: "user", parts: [{ type: "text", content: "hi" }] },
    ]);
  });

  it("name the run by conversation and by previous response", () => {
    expect(
      responsesEndpoint.hints({
        input: "hi",
        conversation: { id: "conv_1" },
        previous_response_id: "resp_0",
      }),
    ).toMatchObject({
      conversationId: "conv_1",
      previousResponseId: "resp_0",
      firstUserMessage: "hi",
      firstReply: undefined,
    });
  });
});

describe("a response", () => {
  const response = {
    id: "resp_1",
    model: "m",
    status: "completed",
    output: [said, call],
    usage: { input_tokens: 5, output_tokens: 2 },
  };

  it("is one assistant message, known again in a later history", () => {
    const answer = responsesEndpoint.readAnswer(response);
    expect(answer).toMatchObject({
      responseId: "resp_1",
      finishReasons: ["tool_calls"],
      usage: { inputTokens: 5, outputTokens: 2 },
    });
    expect(answer.output).toHaveLength(1);
    const later = { input: [{ role: "user", content: "hi" }, said, call, result] };
    expect(responsesEndpoint.hints(later).firstReply).toBe(responsesEndpoint.replyKey(answer));
  });

  it("comes out of a stream, whole or broken off", () => {
    const whole = responsesEndpoint.accumulate();
    whole.add({ type: "response.created", response: { id: "resp_1", output: [] } });
    whole.add({ type: "response.completed", response });
    expect(whole.answer()).toEqual(responsesEndpoint.readAnswer(response));
    const broken = responsesEndpoint.accumulate();
    broken.add({ type: "response.created", response: { id: "resp_1", model: "m", output: [] } });
    broken.add({ type: "response.output_item.done", item: call });
    broken.add({ type: "response.output_text.delta", delta: "hel" });
    expect(broken.answer().output[0]?.parts.map((part) => part.type)).toEqual(["tool_call", "text"]);
  });
});
