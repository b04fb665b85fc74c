import type { BusRecord } from "@plumbline/bus";
import { encodeAgentEvent, header, instrumentationScopeName, type AgentEvent } from "@plumbline/contracts";

/** An event of an agent as our collector would put it on the log topic; without a principal when that is empty. */
export function logRecordOf(
  event: AgentEvent,
  at: { traceId: string; spanId: string; timeMs: number; principal?: string },
): BusRecord {
  const attributes = Object.entries(encodeAgentEvent(event)).map(([key, stringValue]) => ({
    key,
    value: { stringValue },
  }));
  const timeUnixNano = String(BigInt(Math.round(at.timeMs)) * 1_000_000n);
  const record = {
    timeUnixNano,
    observedTimeUnixNano: timeUnixNano,
    eventName: event.name,
    attributes,
    traceId: at.traceId,
    spanId: at.spanId,
  };
  const request = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
        scopeLogs: [{ scope: { name: instrumentationScopeName }, logRecords: [record] }],
      },
    ],
  };
  const { traceId, principal = "local" } = at;
  return {
    key: traceId,
    value: new TextEncoder().encode(JSON.stringify(request)),
    headers: {
      [header.contentType]: "application/json",
      ...(principal === "" ? {} : { [header.principal]: principal }),
    },
  };
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");

/** A run that makes one and the same call `calls` times: its start, then start and end of every step. */
export function stuckRun(
  runId: string,
  calls: number,
  from: number | { startMs: number; principal: string },
): BusRecord[] {
  const { startMs, principal } = typeof from === "number" ? { startMs: from, principal: "local" } : from;
  const traceId = hex(startMs % 0xff_ff_ff, 32);
  const agentName = "finder";
  const begin: AgentEvent = {
    name: "plumbline.run.start",
    runId,
    agentName,
    goal: "Find the last order of ada@example.com",
    parentRunId: null,
    conversationId: null,
    instanceId: "instance-1",
    limits: {},
    onPause: "wait",
    onControlLost: "continue",
    queued: false,
  };
  const records = [logRecordOf(begin, { traceId, spanId: hex(1, 16), timeMs: startMs, principal })];
  for (let index = 0; index < calls; index += 1) {
    const atMs = startMs + 1_000 * (index + 1);
    const spanId = hex(100 + index, 16);
    const tool = { kind: "tool" as const, toolName: "find_orders", callId: `call-${String(index)}` };
    const common = { runId, agentName, parentSpanId: "", startMs: atMs };
    const start: AgentEvent = {
      name: "plumbline.step.start",
      ...common,
      step: { ...tool, arguments: '{"q":"ada@example.com"}', traits: {} },
    };
    const end: AgentEvent = {
      name: "plumbline.step.end",
      ...common,
      endMs: atMs + 50,
      error: null,
      step: { ...tool, result: '{"rows":[]}' },
    };
    records.push(
      logRecordOf(start, { traceId, spanId, timeMs: atMs, principal }),
      logRecordOf(end, { traceId, spanId, timeMs: atMs + 50, principal }),
    );
  }
  return records;
}
