import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeAgentEvent,
  encodeAgentEvent,
  eventPayloadAttribute,
  isAgentEventName,
  type AgentEvent,
} from "./agent-event.ts";
import { isPlumblineError } from "./errors.ts";
import { findingKinds, interventions } from "./finding.ts";
import { runStatuses } from "./run.ts";
import { eventName, genAi, otel, plumblineAttribute } from "./semconv.ts";
import { stopReasons } from "./stop-reason.ts";

const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,30}$/);
const text = fc.string({ unit: "grapheme", maxLength: 60 });
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null });
const count = fc.nat(1_000_000);
const atMs = fc.double({ min: 0, max: 4e12, noNaN: true }).map((value) => value + 0);
const common = { runId: id, agentName: text };
const limits = fc.record({ usd: fc.nat(100), steps: count, wallTimeMs: count }, { requiredKeys: [] });
const message = fc.record({
  role: fc.constantFrom("system", "user", "assistant", "tool"),
  parts: fc.array(
    fc.oneof(
      fc.record({ type: fc.constant("text"), content: text }),
      fc.record({ type: fc.constant("tool_call"), id: orNull(id), name: text, arguments: jsonValue() }),
      fc.record({ type: fc.constant("tool_call_response"), id: orNull(id), response: jsonValue() }),
    ),
    { maxLength: 3 },
  ),
});

/** What survives JSON: negative zero does not. */
function jsonValue(): fc.Arbitrary<unknown> {
  return fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
}

const usage = fc.record({
  inputTokens: count,
  outputTokens: count,
  cachedInputTokens: count,
  reasoningOutputTokens: count,
  estimated: fc.boolean(),
});
const traits = fc.record(
  { risk: fc.constantFrom("safe", "low", "medium", "high"), reversible: fc.boolean(), polls: fc.boolean() },
  { requiredKeys: [] },
);
const reportedError = orNull(fc.record({ type: orNull(text), message: orNull(text) }));

const runStart = fc.record({
  name: fc.constant(eventName.runStart),
  ...common,
  goal: text,
  parentRunId: orNull(id),
  conversationId: orNull(text),
  instanceId: text,
  limits,
  onPause: fc.constantFrom("wait", "exit"),
  onControlLost: fc.constantFrom("continue", "pause", "stop"),
  queued: fc.boolean(),
});
const runEnd = fc.record({
  name: fc.constant(eventName.runEnd),
  ...common,
  status: fc.constantFrom("completed", "failed", "killed", "paused"),
  stopReason: fc.constantFrom(...stopReasons),
  message: orNull(text),
  output: orNull(text),
});
const runState = fc.record({
  name: fc.constant(eventName.runState),
  ...common,
  from: fc.constantFrom(...runStatuses),
  to: fc.constantFrom(...runStatuses),
  stopReason: orNull(fc.constantFrom(...stopReasons)),
  message: text,
  nextCommand: text,
  phase: orNull(text),
  atMs,
});
const guardFinding = fc.record({
  name: fc.constant(eventName.guardFinding),
  ...common,
  kind: fc.constantFrom(...findingKinds),
  guard: text,
  signature: text,
  summary: text,
  intervention: fc.constantFrom(...interventions),
  confidence: fc.double({ min: 0, max: 1, noNaN: true }).map((value) => value + 0),
  steps: fc.array(fc.record({ stepId: id, name: text }), { maxLength: 3 }),
  revision: count,
  atMs,
});
const stepStart = fc.record({
  name: fc.constant(eventName.stepStart),
  ...common,
  parentSpanId: text,
  startMs: atMs,
  step: fc.oneof(
    fc.record({
      kind: fc.constant("model"),
      provider: text,
      requestModel: text,
      systemInstructions: orNull(text),
      inputMessages: fc.array(message, { maxLength: 3 }),
      inputOffset: count,
      inputMessageCount: count,
    }),
    fc.record({
      kind: fc.constant("tool"),
      toolName: text,
      callId: orNull(id),
      arguments: orNull(text),
      traits,
    }),
  ),
});
const stepEnd = fc.record({
  name: fc.constant(eventName.stepEnd),
  ...common,
  parentSpanId: text,
  startMs: atMs,
  endMs: atMs,
  error: reportedError,
  step: fc.oneof(
    fc.record({
      kind: fc.constant("model"),
      provider: text,
      requestModel: text,
      responseModel: orNull(text),
      responseId: orNull(text),
      output: orNull(fc.array(message, { maxLength: 2 })),
      finishReasons: fc.array(text, { maxLength: 2 }),
      usage: orNull(usage),
    }),
    fc.record({ kind: fc.constant("tool"), toolName: text, callId: orNull(id), result: orNull(text) }),
  ),
});
const heartbeat = fc.record({
  name: fc.constant(eventName.heartbeat),
  ...common,
  instanceId: text,
  openSteps: count,
});
const ack = fc.record({
  name: fc.constant(eventName.ack),
  ...common,
  ack: fc.record({
    version: fc.constant(1),
    tenantId: fc.constant("acme"),
    runId: id,
    ackId: id,
    instanceId: text,
    generation: count,
    phase: fc.constantFrom("received", "applied", "rejected", "expired", "completed"),
    subject: fc.oneof(
      fc.record({ kind: fc.constant("directive") }),
      fc.record({ kind: fc.constant("nudge"), nudgeId: id }),
      fc.record({ kind: fc.constant("approval"), approvalId: id }),
    ),
    detail: text,
    stepId: orNull(id),
    atMs,
  }),
});
const anyEvent = fc.oneof(
  runStart,
  runEnd,
  runState,
  guardFinding,
  stepStart,
  stepEnd,
  heartbeat,
  ack,
) as fc.Arbitrary<AgentEvent>;

const toolEnd: AgentEvent = {
  name: eventName.stepEnd,
  runId: "run-1",
  agentName: "refunds",
  parentSpanId: "",
  startMs: 1,
  endMs: 2,
  error: { type: "timeout", message: null },
  step: { kind: "tool", toolName: "search", callId: null, result: null },
};

function codeOf(name: string, payload: unknown): string {
  try {
    decodeAgentEvent(name, payload);
  } catch (error) {
    return isPlumblineError(error) && error.nextMove === "reject" ? error.code : "another error";
  }
  return "no error";
}

test("an event survives encoding and decoding", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      expect(decodeAgentEvent(event.name, encodeAgentEvent(event)[eventPayloadAttribute])).toEqual(event);
    }),
  );
});

test("whatever the payload is, decoding gives an event or a rejection", () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.json()), (payload) => {
      expect(codeOf(eventName.heartbeat, payload)).toMatch(/^EVENT_/);
    }),
  );
});

describe("flat attributes", () => {
  test("run and agent stand beside every event", () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(encodeAgentEvent(event)).toMatchObject({
          [plumblineAttribute.runId]: event.runId,
          [genAi.agentName]: event.agentName,
        });
      }),
    );
  });

  test("a tool step says which tool and which error", () => {
    expect(encodeAgentEvent(toolEnd)).toMatchObject({
      [genAi.operationName]: "execute_tool",
      [genAi.toolName]: "search",
      [otel.errorType]: "timeout",
    });
  });

  test("an error without a type is other, no error is no attribute", () => {
    const untyped = { ...toolEnd, error: { type: null, message: "late" } };
    expect(encodeAgentEvent(untyped)[otel.errorType]).toBe("_OTHER");
    expect(encodeAgentEvent({ ...toolEnd, error: null })).not.toHaveProperty(otel.errorType);
  });
});

describe("rejections", () => {
  const payload = JSON.stringify(toolEnd);

  test.each([
    ["a missing payload", undefined, "EVENT_WITHOUT_PAYLOAD"],
    ["a payload cut on the way", payload.slice(0, -5), "EVENT_PAYLOAD_NOT_JSON"],
    ["a payload without its run", payload.replace('"runId"', '"run"'), "EVENT_SCHEMA"],
  ])("%s is rejected", (_what, value, code) => {
    expect(codeOf(eventName.stepEnd, value)).toBe(code);
  });

  test("a payload under another event's name is rejected", () => {
    expect(codeOf(eventName.stepStart, payload)).toBe("EVENT_SCHEMA");
  });

  test("the error names the field", () => {
    const broken = payload.replace('"toolName":"search"', '"toolName":7');
    expect(() => decodeAgentEvent(eventName.stepEnd, broken)).toThrow('"step.toolName"');
  });
});

test("only the names of the agent's own events are recognised", () => {
  for (const name of Object.values(eventName)) expect(isAgentEventName(name)).toBe(true);
  expect(isAgentEventName("gen_ai.client.inference.operation.details")).toBe(false);
});
