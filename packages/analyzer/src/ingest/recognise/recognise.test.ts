import {
  type AgentEvent,
  encodeAgentEvent,
  findingScopeName,
  instrumentationScopeName,
  observationSchema,
  type OtlpSpan,
} from "@plumbline/contracts";
import { describe, expect, test } from "vitest";
import { asked, context, logRecord, requested, span, usage } from "./fixtures/otlp.ts";
import { recogniseLog, recogniseSpan } from "./recognise.ts";

const recognised = (record: OtlpSpan): unknown => recogniseSpan(record, context)?.observation;
const json = JSON.stringify;

test("a GenAI model span is a model call that fits the contract", () => {
  const draft = recogniseSpan(
    span({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-5-mini",
      "gen_ai.response.id": "resp_1",
      "gen_ai.input.messages": json([asked]),
      "gen_ai.output.messages": json([requested]),
      "gen_ai.usage.input_tokens": 150,
      "gen_ai.usage.output_tokens": 24,
      "gen_ai.conversation.id": "c-7",
    }),
    context,
  );
  expect(draft?.observation).toMatchObject({
    kind: "model-call-end",
    dialect: "genai",
    service: "shop",
    requestModel: "gpt-5-mini",
    inputMessages: [asked],
    output: [requested],
    usage,
    startMs: 1_750_000_000_000,
    endMs: 1_750_000_001_500,
  });
  expect(draft?.hints).toMatchObject({
    conversationId: "c-7",
    firstUserMessage: "Where is order 7?",
    firstCallId: "call_a",
  });
  const placed = { ...draft?.observation, affinity: "run-1", aliases: [] };
  expect(observationSchema.parse(placed)).toEqual(placed);
});

test("the same span has the same observation id whenever it is read", () => {
  const record = span({ "gen_ai.operation.name": "chat" });
  const again = { ...context, source: { ...context.source, offset: 99 } };
  expect(recogniseSpan(record, again)?.observation.observationId).toBe(
    recogniseSpan(record, context)?.observation.observationId,
  );
});

test("what the analyzer wrote itself is dropped", () => {
  expect(recognised(span({ "gen_ai.operation.name": "chat" }, { scope: findingScopeName }))).toBeUndefined();
});

test("a span of no agent is not recognised", () => {
  expect(recognised(span({ "http.request.method": "GET" }))).toBeUndefined();
  expect(recognised(span({ "gen_ai.operation.name": "constructor" }))).toBeUndefined();
});

test("a span without a usable id is refused with a reason", () => {
  const nameless = span({ "gen_ai.operation.name": "chat" }, { traceId: "abc" });
  expect(() => recogniseSpan(nameless, context)).toThrow('has the trace id "abc"');
});

test("an end before the start becomes the start", () => {
  const record = span({ "gen_ai.operation.name": "chat" }, { endTimeUnixNano: 1n });
  expect(recognised(record)).toMatchObject({ startMs: 1_750_000_000_000, endMs: 1_750_000_000_000 });
});

test.each([
  ["call_a", true],
  [null, false],
])("a first reply that asks for the call %s tells the run from others of the same goal: %s", (id, tells) => {
  const reply = { role: "assistant", parts: [{ type: "tool_call", id, name: "get_order" }] };
  const draft = recogniseSpan(
    span({
      "gen_ai.operation.name": "chat",
      "gen_ai.input.messages": json([asked]),
      "gen_ai.output.messages": json([reply]),
    }),
    context,
  );
  expect(draft?.hints).toMatchObject({ firstCallId: id, isAnswered: tells, tellsReply: true });
});

test("the id of the previous response is no conversation", () => {
  const draft = recogniseSpan(
    span({ "gen_ai.operation.name": "chat", "gen_ai.conversation.id": "resp_08f" }),
    context,
  );
  expect(draft?.hints.conversationId).toBeNull();
});

describe("agent events", () => {
  const event: AgentEvent = {
    name: "plumbline.step.start",
    runId: "run-1",
    agentName: "support",
    parentSpanId: "00f067aa0ba902b7",
    startMs: 1_750_000_000_000,
    step: {
      kind: "tool",
      toolName: "get_order",
      callId: "call_a",
      arguments: '{"id":7}',
      traits: { risk: "low" },
    },
  };

  test("a step start is a running call under its run", () => {
    const [draft] = recogniseLog(logRecord(encodeAgentEvent(event), { eventName: event.name }), context);
    expect(draft?.observation).toMatchObject({
      kind: "tool-call-start",
      dialect: "plumbline",
      toolName: "get_order",
      agentName: "support",
    });
    expect(draft?.hints.runId).toBe("run-1");
  });

  test("an event that does not fit its schema is refused", () => {
    const broken = logRecord({ "plumbline.event.payload": "{}" }, { eventName: event.name });
    expect(() => recogniseLog(broken, context)).toThrow("does not fit its schema");
  });

  test("a span of our instrumentation belongs to the run it names", () => {
    const attributes = {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "get_order",
      "plumbline.run.id": "run-1",
    };
    const draft = recogniseSpan(span(attributes, { scope: instrumentationScopeName }), context);
    expect(draft).toMatchObject({
      observation: { kind: "tool-call-end", dialect: "plumbline" },
      hints: { runId: "run-1" },
    });
  });

  test("any dialect's span belongs to the run that its attribute names", () => {
    const draft = recogniseSpan(
      span({ "openinference.span.kind": "TOOL", "plumbline.run.id": "run-1" }),
      context,
    );
    expect(draft?.hints.runId).toBe("run-1");
  });
});

describe("conventions up to 1.36", () => {
  test("message events on a span are its prompt and answer", () => {
    const events = [
      { timeUnixNano: 1n, name: "gen_ai.user.message", attributes: { content: "Where is order 7?" } },
      {
        timeUnixNano: 2n,
        name: "gen_ai.choice",
        attributes: { message: json({ content: "Shipped." }), finish_reason: "stop" },
      },
    ];
    expect(
      recognised(span({ "gen_ai.operation.name": "chat", "gen_ai.system": "openai" }, { events })),
    ).toMatchObject({
      provider: "openai",
      inputMessages: [asked],
      output: [{ role: "assistant", parts: [{ type: "text", content: "Shipped." }] }],
      finishReasons: ["stop"],
    });
  });

  test("message events in logs carry content to the span of their id", () => {
    const body = {
      role: "assistant",
      tool_calls: [
        { id: "call_a", type: "function", function: { name: "get_order", arguments: '{"id":7}' } },
      ],
    };
    const [draft] = recogniseLog(logRecord({ "event.name": "gen_ai.assistant.message" }, { body }), context);
    expect(draft?.observation).toMatchObject({
      kind: "message-content",
      direction: "input",
      messages: [requested],
    });
  });
});
