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

/** A tool call that took 50 ms. */
export interface ToolCall {
  runId: string;
  agentName: string;
  toolName: string;
  /** Number of the call in its trace. */
  index: number;
  traceId: string;
  startMs: number;
  /** Anything that becomes JSON. */
  arguments: object;
  outcome: { result: string } | { error: { type: string; message: string } };
  principal?: string;
}

/** Start and end of a call as two records on the log topic. */
export function toolCallRecords(call: ToolCall): BusRecord[] {
  const { runId, agentName, toolName, index, traceId, startMs, outcome, principal } = call;
  const endMs = startMs + 50;
  const tool = { kind: "tool" as const, toolName, callId: `call-${String(index)}` };
  const common = { runId, agentName, parentSpanId: "", startMs };
  const start: AgentEvent = {
    name: "plumbline.step.start",
    ...common,
    step: { ...tool, arguments: JSON.stringify(call.arguments), traits: {} },
  };
  const end: AgentEvent = {
    name: "plumbline.step.end",
    ...common,
    endMs,
    error: "error" in outcome ? outcome.error : null,
    step: { ...tool, result: "result" in outcome ? outcome.result : null },
  };
  const at = { traceId, spanId: hex(100 + index, 16), ...(principal === undefined ? {} : { principal }) };
  return [logRecordOf(start, { ...at, timeMs: startMs }), logRecordOf(end, { ...at, timeMs: endMs })];
}

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
  for (let index = 0; index < calls; index += 1)
    records.push(
      ...toolCallRecords({
        runId,
        agentName,
        toolName: "find_orders",
        index,
        traceId,
        startMs: startMs + 1_000 * (index + 1),
        arguments: { q: "ada@example.com" },
        outcome: { result: '{"rows":[]}' },
        principal,
      }),
    );
  return records;
}
