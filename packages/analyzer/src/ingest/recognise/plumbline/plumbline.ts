import {
  type AgentEvent,
  decodeAgentEvent,
  eventName,
  eventPayloadAttribute,
  genAi,
  instrumentationScopeName,
  isAgentEventName,
  type OtlpLogRecord,
  type OtlpSpan,
  plumblineAttribute,
} from "@plumbline/contracts";
import { textOf } from "../attribute-access.ts";
import type { Dialect, LogReading, SpanReading } from "../dialect.ts";
import { eventNameOf } from "../genai/read-genai-log.ts";
import { readGenAiScope, readGenAiSpan } from "../genai/read-genai-span.ts";
import { contentOfEvent } from "./event-content.ts";

function readLog(record: OtlpLogRecord): LogReading | undefined {
  const name = eventNameOf(record);
  if (!isAgentEventName(name)) return undefined;
  const event = decodeAgentEvent(name, record.attributes[eventPayloadAttribute]);
  return {
    contents: event.name === eventName.audit ? [] : [contentOfEvent(event)],
    runId: event.runId,
    agentName: event.agentName,
    conversationId: conversationOf(event),
  };
}

function conversationOf(event: AgentEvent): string | undefined {
  return event.name === eventName.runStart ? (event.conversationId ?? undefined) : undefined;
}

function readSpan(span: OtlpSpan): SpanReading | undefined {
  const isOurs = span.origin.scopeName === instrumentationScopeName;
  if (!isOurs) return undefined;
  return (
    readGenAiSpan(span) ??
    (textOf(span.attributes, plumblineAttribute.runId) === undefined
      ? undefined
      : readGenAiScope(span, false))
  );
}

/** What Plumbline's own instrumentation sends: its spans and, ahead of them, its events. */
export const plumblineDialect: Dialect = {
  name: "plumbline",
  summary: {
    captured: "Plumbline's instrumentation",
    fromSource: "",
    recognisedBy: `scope \`${instrumentationScopeName}\`; log events \`plumbline.*\``,
    reads: `\`${eventPayloadAttribute}\`, \`${plumblineAttribute.runId}\`, and of spans the GenAI attributes such as \`${genAi.inputMessages}\``,
  },
  readSpan,
  readLog,
};
