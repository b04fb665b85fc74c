import type { OtlpSpan } from "@plumbline/contracts";
import { describe, expect, test } from "vitest";
import { asked, context, requested, span, usage } from "./fixtures/otlp.ts";
import { recogniseSpan } from "./recognise.ts";

const recognised = (record: OtlpSpan): unknown => recogniseSpan(record, context)?.observation;
const json = JSON.stringify;

interface Reading {
  record: OtlpSpan;
  says: object;
}

/** One span per rule that the captures don't cover. */
const readings: Record<string, Reading> = {
  "AI SDK 4: NaN is no count": {
    record: span({
      "ai.operationId": "ai.streamText.doStream",
      "ai.usage.promptTokens": Number.NaN,
      "ai.usage.completionTokens": Number.NaN,
    }),
    says: { kind: "model-call-end", dialect: "vercel-ai", usage: null },
  },
  "AI SDK 4: arguments under their old name": {
    record: span({
      "ai.operationId": "ai.generateText.doGenerate",
      "ai.response.toolCalls": json([
        { toolCallType: "function", toolCallId: "call_a", toolName: "get_order", args: '{"id":7}' },
      ]),
    }),
    says: { output: [requested] },
  },
  "Mastra: inference is the call, generation around it is none": {
    record: span({
      "mastra.span.type": "model_inference",
      "gen_ai.request.model": "m",
      "gen_ai.usage.input_tokens": 150,
      "gen_ai.usage.output_tokens": 24,
    }),
    says: { kind: "model-call-end", dialect: "mastra", usage },
  },
  "VoltAgent: a tool": {
    record: span({
      "span.type": "tool",
      "tool.name": "get_order",
      input: '{"id":7}',
      output: '{"status":"shipped"}',
    }),
    says: {
      kind: "tool-call-end",
      toolName: "get_order",
      arguments: '{"id":7}',
      result: '{"status":"shipped"}',
    },
  },
  "VoltAgent: the root has no type of its own": {
    record: span({ "entity.type": "agent", "entity.name": "support", input: "Where is order 7?" }),
    says: { kind: "scope-end", isAgent: true, goal: "Where is order 7?", agentName: "support" },
  },
  "Codex: a response with counts is a call": {
    record: span(
      { "gen_ai.usage.input_tokens": 150, "gen_ai.usage.output_tokens": 24 },
      { scope: "codex_exec", name: "handle_responses" },
    ),
    says: { kind: "model-call-end", dialect: "codex", usage },
  },
  "Codex: a tool": {
    record: span(
      { "tool.name": "get_order", "mcp.server.name": "shop" },
      { scope: "codex_exec", name: "mcp.tools.call" },
    ),
    says: { kind: "tool-call-end", toolName: "get_order" },
  },
  "Google ADK for JavaScript: request and response on the span, thoughts counted apart": {
    record: span(
      {
        "gcp.vertex.agent.llm_request": json({
          model: "gemini-2.5-flash",
          contents: [{ role: "user", parts: [{ text: "Where is order 7?" }] }],
        }),
        "gcp.vertex.agent.llm_response": json({
          content: {
            role: "model",
            parts: [{ functionCall: { id: "call_a", name: "get_order", args: { id: 7 } } }],
          },
          usageMetadata: { promptTokenCount: 150, candidatesTokenCount: 8, thoughtsTokenCount: 16 },
        }),
      },
      { scope: "gcp.vertex.agent", name: "call_llm" },
    ),
    says: {
      requestModel: "gemini-2.5-flash",
      inputMessages: [asked],
      output: [requested],
      usage: { ...usage, reasoningOutputTokens: 16 },
    },
  },
  "Google ADK for JavaScript: a tool that threw leaves only its name": {
    record: span({}, { scope: "gcp.vertex.agent", name: "execute_tool get_order" }),
    says: { kind: "tool-call-end", toolName: "get_order", error: { type: null, message: null } },
  },
  "LiteLLM: calls apart from the output": {
    record: span({
      "gen_ai.operation.name": "chat",
      "gen_ai.output.messages": json([{ role: "assistant", parts: [] }]),
      "gen_ai.completion.0.function_call.name": "get_order",
      "gen_ai.completion.0.function_call.arguments": '{"id":7}',
    }),
    says: {
      output: [
        { role: "assistant", parts: [] },
        { role: "assistant", parts: [{ type: "tool_call", id: null, name: "get_order" }] },
      ],
    },
  },
  "LiteLLM: the cost of a call": {
    record: span({ "gen_ai.operation.name": "chat", "gen_ai.cost.total_cost": 0.25 }),
    says: { reportedCostMicroUsd: 250_000 },
  },
  "zeros where nothing was counted are no counts": {
    record: span({
      "openinference.span.kind": "LLM",
      "llm.model_name": "m",
      "llm.token_count.prompt": 0,
      "llm.token_count.completion": 0,
    }),
    says: { kind: "model-call-end", usage: null },
  },
  "Gemini CLI: a tool that failed": {
    record: span(
      {
        "gen_ai.operation.name": "tool_call",
        "gen_ai.tool.name": "get_order",
        "gen_ai.tool.call_id": "get_order__call_a",
        "gen_ai.input.messages": json({ name: "get_order", args: { id: 7 } }),
        "gen_ai.output.messages": json({
          status: "error",
          response: {
            errorType: "mcp_tool_error",
            responseParts: [{ functionResponse: { name: "get_order", response: { error: "no order 7" } } }],
          },
        }),
      },
      { scope: "gemini-cli" },
    ),
    says: {
      toolName: "get_order",
      callId: "call_a",
      arguments: '{"id":7}',
      result: "no order 7",
      error: { type: "mcp_tool_error", message: "no order 7" },
    },
  },
  "OpenLLMetry for JavaScript: Anthropic's input leaves the cache out": {
    record: span(
      {
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": 22,
        "gen_ai.usage.output_tokens": 24,
        "gen_ai.usage.cache_read.input_tokens": 100,
        "gen_ai.usage.cache_creation.input_tokens": 28,
      },
      { scope: "@traceloop/instrumentation-anthropic" },
    ),
    says: { usage: { ...usage, cachedInputTokens: 100 } },
  },
  "OpenInference: the error of a tool, handed up to a call that answered, is not the call's": {
    record: span(
      {
        "openinference.span.kind": "LLM",
        "llm.model_name": "m",
        "llm.output_messages.0.message.role": "assistant",
        "llm.output_messages.0.message.content": "Sorry.",
      },
      { status: { code: 2, message: "tool failed" } },
    ),
    says: { kind: "model-call-end", error: null },
  },
  "OpenInference: a call without model and counts is none (LlamaIndex prepares calls)": {
    record: span(
      { "openinference.span.kind": "LLM", "input.value": "{}" },
      { name: "_prepare_chat_with_tools" },
    ),
    says: { kind: "scope-end" },
  },
  "OpenInference: preparing a call is none even where the model is named": {
    record: span(
      { "openinference.span.kind": "LLM", "llm.model_name": "m", "input.value": "{}" },
      { name: "OpenAI._prepare_chat_with_tools" },
    ),
    says: { kind: "scope-end" },
  },
  "OpenInference: what a LlamaIndex tool was called with and returned": {
    record: span({
      "openinference.span.kind": "TOOL",
      "tool.name": "get_order",
      "input.value": json({ kwargs: { id: 7 } }),
      "output.value": json({
        blocks: [{ text: "{'status': 'shipped'}" }],
        tool_name: "get_order",
        raw_output: { status: "shipped" },
        is_error: false,
      }),
    }),
    says: { arguments: '{"id":7}', result: '{"status":"shipped"}' },
  },
  "OpenInference: what an ADK tool returned": {
    record: span({
      "openinference.span.kind": "TOOL",
      "tool.name": "get_order",
      "output.value": json({ id: "adk-1", name: "get_order", response: { status: "shipped" } }),
    }),
    says: { result: '{"status":"shipped"}' },
  },
  "OpenInference: messages that AutoGen printed are no goal": {
    record: span({
      "openinference.span.kind": "AGENT",
      "input.value": json({ messages: ["id='1' source='user' content='Where is order 7?'"] }),
    }),
    says: { kind: "scope-end", isAgent: true, goal: null },
  },
  "a tool's request and answer as messages on its span": {
    record: span({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "get_order",
      "gen_ai.input.messages": json([{ role: "tool", parts: requested.parts }]),
      "gen_ai.output.messages": json([
        {
          role: "tool",
          parts: [{ type: "tool_call_response", id: "call_a", response: [{ text: "no order 7" }] }],
        },
      ]),
    }),
    says: { arguments: '{"id":7}', result: "no order 7" },
  },
  "Google ADK: a call named after its place in the message has no id": {
    record: span(
      {
        "gen_ai.operation.name": "generate_content",
        "gen_ai.input.messages": json([
          {
            role: "model",
            parts: [{ type: "tool_call", id: "get_order_1", name: "get_order", arguments: {} }],
          },
          { role: "user", parts: [{ type: "tool_call_response", id: "get_order_0", response: "none" }] },
        ]),
      },
      { scope: "gcp.vertex.agent" },
    ),
    says: {
      dialect: "google-adk",
      inputMessages: [
        { role: "assistant", parts: [{ type: "tool_call", id: null }] },
        { role: "user", parts: [{ type: "tool_call_response", id: null, response: "none" }] },
      ],
    },
  },
  "a result that Python printed is told as JSON": {
    record: span({
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "get_order",
      "gen_ai.tool.call.result": "{'status': 'error', 'data': None}",
    }),
    says: { result: '{"status":"error","data":null}' },
  },
  "an answer in a prompt that Python printed is told as structure": {
    record: span({
      "gen_ai.operation.name": "chat",
      "gen_ai.input.messages": json([
        { role: "tool", parts: [{ type: "tool_call_response", id: "call_a", response: "{'ok': False}" }] },
      ]),
    }),
    says: {
      inputMessages: [
        { role: "tool", parts: [{ type: "tool_call_response", id: "call_a", response: { ok: false } }] },
      ],
    },
  },
  "OpenInference: a LangChain tool message is unwrapped": {
    record: span({
      "openinference.span.kind": "TOOL",
      "tool.name": "get_order",
      "output.value": json({
        output: {
          lc: 1,
          type: "constructor",
          id: ["langchain", "ToolMessage"],
          kwargs: { content: '{"status":"shipped"}', tool_call_id: "call_a" },
        },
      }),
    }),
    says: { result: '{"status":"shipped"}' },
  },
  "LangSmith: an exception under an OK status is the tool's error": {
    record: span(
      { "langsmith.span.kind": "tool", "gen_ai.prompt": json({ id: 7 }) },
      {
        name: "get_order",
        status: { code: 1, message: "" },
        events: [
          {
            timeUnixNano: 1n,
            name: "exception",
            attributes: { "exception.type": "KeyError", "exception.message": "7" },
          },
        ],
      },
    ),
    says: {
      kind: "tool-call-end",
      toolName: "get_order",
      arguments: '{"id":7}',
      error: { type: "KeyError", message: "7" },
    },
  },
  "MCP: a result that is an error": {
    record: span({
      "mcp.method.name": "tools/call",
      "gen_ai.tool.name": "get_order",
      "gen_ai.tool.call.result": json({ isError: true, content: [] }),
    }),
    says: { kind: "tool-call-end", dialect: "mcp", error: { type: "tool_error", message: null } },
  },
};

describe("what single dialects say", () => {
  test.each(Object.entries(readings))("%s", (_rule, { record, says }) => {
    expect(recognised(record)).toMatchObject(says);
  });

  test.each(["model_generation", "model_chunk"])("Mastra's %s is left out", (type) => {
    expect(recognised(span({ "mastra.span.type": type, "gen_ai.operation.name": "chat" }))).toBeUndefined();
  });

  test("what ADK merges for parallel calls, and what Logfire sends at the start of a span, is left out", () => {
    expect(
      recognised(span({}, { scope: "gcp.vertex.agent", name: "execute_tool (merged)" })),
    ).toBeUndefined();
    expect(
      recognised(
        span(
          { "gen_ai.operation.name": "execute_tool", "gcp.vertex.agent.event_id": "1" },
          { name: "execute_tool (merged)" },
        ),
      ),
    ).toBeUndefined();
    expect(
      recognised(span({ "logfire.span_type": "pending_span", "gen_ai.operation.name": "chat" })),
    ).toBeUndefined();
  });
});
