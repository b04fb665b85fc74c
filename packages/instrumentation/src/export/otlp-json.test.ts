import { type AgentEvent, decodeAgentEvent, eventName, eventPayloadAttribute } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import {
  encodeLogRecord,
  encodeLogsRequest,
  encodeSpan,
  encodeTracesRequest,
  reportedEvent,
  type SpanRecord,
} from "./otlp-json.ts";

const event: AgentEvent = {
  name: eventName.heartbeat,
  runId: "r",
  agentName: "a",
  instanceId: "i",
  openSteps: 1,
};
const span: SpanRecord = {
  traceId: "t",
  spanId: "s",
  parentSpanId: "",
  name: "chat m",
  kind: 3,
  startMs: 1750000000000.25,
  endMs: 1749999999999,
  attributes: () => ({ text: "\ud800x", int: 3, float: 0.5, yes: true, list: ["a", "b"] }),
  errorMessage: "gone",
};

interface Body {
  resourceLogs?: {
    resource: object;
    scopeLogs: { logRecords: { attributes: { key: string; value: { stringValue: string } }[] }[] }[];
  }[];
  resourceSpans?: {
    resource: object;
    scopeSpans: { scope: { name: string }; spans: Record<string, unknown>[] }[];
  }[];
}

describe("an event as an OTLP log record", () => {
  it("can be read back", () => {
    const body = JSON.parse(
      encodeLogsRequest({ "service.name": "s" }, [
        encodeLogRecord(reportedEvent(event, { traceId: "t", spanId: "s" }, 1)),
      ]),
    ) as Body;
    const record = body.resourceLogs?.[0]?.scopeLogs[0]?.logRecords[0];
    const payload = record?.attributes.find(({ key }) => key === eventPayloadAttribute)?.value.stringValue;
    expect(decodeAgentEvent(eventName.heartbeat, payload)).toEqual(event);
    expect(record).toMatchObject({
      eventName: eventName.heartbeat,
      timeUnixNano: "1000000",
      traceId: "t",
      spanId: "s",
    });
  });

  it("says what the event was when it was reported", () => {
    const limits = { steps: 1 };
    const started: AgentEvent = {
      name: eventName.runStart,
      runId: "r",
      agentName: "a",
      goal: "g",
      parentRunId: null,
      conversationId: null,
      instanceId: "i",
      limits,
      onPause: "wait",
      onControlLost: "continue",
      queued: false,
    };
    const reported = reportedEvent(started, { traceId: "", spanId: "" }, 1);
    limits.steps = 2;
    expect(encodeLogRecord(reported)).toContain(String.raw`\"limits\":{\"steps\":1}`);
  });

  it("carries no ids outside a trace", () => {
    expect(
      JSON.parse(encodeLogRecord(reportedEvent(event, { traceId: "", spanId: "" }, 1))),
    ).not.toHaveProperty("traceId");
  });
});

describe("a span", () => {
  it("is well-formed, does not end before it starts, and keeps the types of its attributes", () => {
    const body = JSON.parse(encodeTracesRequest([encodeSpan({}, span)])) as Body;
    expect(body.resourceSpans?.[0]?.scopeSpans[0]?.spans[0]).toEqual({
      traceId: "t",
      spanId: "s",
      name: "chat m",
      kind: 3,
      startTimeUnixNano: "1750000000000250000",
      endTimeUnixNano: "1750000000000250000",
      attributes: [
        { key: "text", value: { stringValue: "\ufffdx" } },
        { key: "int", value: { intValue: "3" } },
        { key: "float", value: { doubleValue: 0.5 } },
        { key: "yes", value: { boolValue: true } },
        { key: "list", value: { arrayValue: { values: [{ stringValue: "a" }, { stringValue: "b" }] } } },
      ],
      status: { code: 2, message: "gone" },
      flags: 1,
    });
  });

  it("is sent together with those of its resource and scope", () => {
    const resource = {};
    const other = { ...encodeSpan({}, span), scope: { name: "acme", version: "1" } };
    const body = JSON.parse(
      encodeTracesRequest([encodeSpan(resource, span), encodeSpan(resource, span), other]),
    ) as Body;
    expect(body.resourceSpans?.map((group) => group.scopeSpans[0]?.spans.length)).toEqual([2, 1]);
  });
});
