import type { Message } from "@plumbline/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readInstructions, readMessages, readOutput } from "./read-messages.ts";

/** The same exchange, as different APIs and frameworks write it. */
const exchange: Message[] = [
  { role: "user", parts: [{ type: "text", content: "Where is order 7?" }] },
  {
    role: "assistant",
    parts: [{ type: "tool_call", id: "call_a", name: "get_order", arguments: { id: 7 } }],
  },
  { role: "tool", parts: [{ type: "tool_call_response", id: "call_a", response: "shipped" }] },
];

const forms: Record<string, unknown> = {
  "OpenTelemetry GenAI": exchange,
  "OpenTelemetry GenAI, result under its older name": [
    ...exchange.slice(0, 2),
    { role: "tool", parts: [{ type: "tool_call_response", id: "call_a", result: "shipped" }] },
  ],
  "OpenAI chat": [
    { role: "user", content: "Where is order 7?" },
    {
      role: "assistant",
      content: null,
      tool_calls: [
        { id: "call_a", type: "function", function: { name: "get_order", arguments: '{"id":7}' } },
      ],
    },
    { role: "tool", tool_call_id: "call_a", content: "shipped" },
  ],
  "OpenAI responses": [
    { type: "message", role: "user", content: [{ type: "input_text", text: "Where is order 7?" }] },
    { type: "function_call", id: "fc_1", call_id: "call_a", name: "get_order", arguments: '{"id":7}' },
    { type: "function_call_output", call_id: "call_a", output: "shipped" },
  ],
  "AI SDK": [
    { role: "user", content: [{ type: "text", text: "Where is order 7?" }] },
    {
      role: "assistant",
      content: [{ type: "tool-call", toolCallId: "call_a", toolName: "get_order", input: { id: 7 } }],
    },
    {
      role: "tool",
      content: [
        {
          type: "tool-result",
          toolCallId: "call_a",
          toolName: "get_order",
          output: { type: "text", value: "shipped" },
        },
      ],
    },
  ],
  LangChain: [
    [
      {
        lc: 1,
        type: "constructor",
        id: ["langchain", "HumanMessage"],
        kwargs: { content: "Where is order 7?" },
      },
      {
        lc: 1,
        type: "constructor",
        id: ["langchain", "AIMessage"],
        kwargs: {
          content: "",
          tool_calls: [{ name: "get_order", args: { id: 7 }, id: "call_a", type: "tool_call" }],
        },
      },
      {
        lc: 1,
        type: "constructor",
        id: ["langchain", "ToolMessage"],
        kwargs: { content: "shipped", tool_call_id: "call_a" },
      },
    ],
  ],
  "LangChain as dictionaries": [
    { type: "human", data: { content: "Where is order 7?" } },
    { type: "ai", data: { content: "", tool_calls: [{ name: "get_order", args: { id: 7 }, id: "call_a" }] } },
    { type: "tool", data: { content: "shipped", tool_call_id: "call_a" } },
  ],
  Genkit: [
    { role: "user", content: [{ text: "Where is order 7?" }] },
    { role: "model", content: [{ toolRequest: { ref: "call_a", name: "get_order", input: { id: 7 } } }] },
    { role: "tool", content: [{ toolResponse: { ref: "call_a", name: "get_order", output: "shipped" } }] },
  ],
};

test.each(Object.entries(forms))("%s reads as the common form", (_name, form) => {
  expect(readMessages(form)).toEqual(exchange);
  expect(readMessages(JSON.stringify(form))).toEqual(exchange);
});

/** Forms in which results stand in a message of the user. */
const userAnswers: Record<string, unknown> = {
  Anthropic: [
    { role: "user", content: "Where is order 7?" },
    { role: "assistant", content: [{ type: "tool_use", id: "call_a", name: "get_order", input: { id: 7 } }] },
    {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "call_a", content: [{ type: "text", text: "shipped" }] }],
    },
  ],
  Bedrock: [
    { role: "user", content: [{ text: "Where is order 7?" }] },
    {
      role: "assistant",
      content: [{ toolUse: { toolUseId: "call_a", name: "get_order", input: { id: 7 } } }],
    },
    {
      role: "user",
      content: [{ toolResult: { toolUseId: "call_a", status: "success", content: [{ text: "shipped" }] } }],
    },
  ],
  Gemini: {
    contents: [
      { role: "user", parts: [{ text: "Where is order 7?" }] },
      { role: "model", parts: [{ functionCall: { id: "call_a", name: "get_order", args: { id: 7 } } }] },
      { role: "user", parts: [{ functionResponse: { id: "call_a", response: "shipped" } }] },
    ],
  },
};

test.each(Object.entries(userAnswers))(
  "%s reads as the common form, results with the user",
  (_name, form) => {
    const [asked, called, answered] = exchange;
    expect(readMessages(form)).toEqual([asked, called, { ...answered, role: "user" }]);
  },
);

test("a result that the application called an error is one", () => {
  const answer = [
    {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: "call_a", is_error: true, content: "no order 7" }],
    },
  ];
  expect(readMessages(answer)?.[0]?.parts).toEqual([
    { type: "tool_call_response", id: "call_a", response: "no order 7", isError: true },
  ]);
});

test("a tool's message of bare text is an answer without an id", () => {
  const answer = { type: "tool_call_response", id: null, response: "shipped" };
  expect(readMessages([{ role: "tool", parts: [{ type: "text", content: "shipped" }] }])?.[0]?.parts).toEqual(
    [answer],
  );
});

test("a call that is told twice is one call", () => {
  const message = {
    role: "assistant",
    content: [{ type: "tool_use", id: "call_a", name: "get_order", input: {} }],
    tool_calls: [{ id: "call_a", function: { name: "get_order", arguments: "{}" } }],
  };
  expect(readMessages([message])?.[0]?.parts).toHaveLength(1);
});

test("plain text is the user's in a prompt and the assistant's in an output", () => {
  expect(readMessages("hi")).toEqual([{ role: "user", parts: [{ type: "text", content: "hi" }] }]);
  expect(readOutput("hi")).toEqual([{ role: "assistant", parts: [{ type: "text", content: "hi" }] }]);
});

test("text that happens to be JSON stays text", () => {
  const content = '[{"id":7,"status":"shipped"}]';
  expect(readMessages([{ role: "user", content }])?.[0]?.parts).toEqual([{ type: "text", content }]);
});

test("unknown parts are kept", () => {
  const part = { type: "blob", mime_type: "image/png" };
  expect(readMessages([{ role: "user", parts: [part] }])?.[0]?.parts).toEqual([part]);
});

test("instructions are text, JSON text or parts", () => {
  expect(readInstructions("Be brief.")).toBe("Be brief.");
  expect(readInstructions('"Be brief."')).toBe("Be brief.");
  expect(readInstructions('[{"type":"text","content":"Be brief."}]')).toBe("Be brief.");
  expect(readInstructions([])).toBeUndefined();
});

test("any JSON is read without a fault", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      for (const message of readMessages(value) ?? []) expect(typeof message.role).toBe("string");
    }),
  );
});
