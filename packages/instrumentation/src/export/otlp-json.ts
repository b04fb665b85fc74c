import { type AgentEvent, encodeAgentEvent, instrumentationScopeName } from "@plumbline/contracts";
import { packageVersion } from "../package-version.ts";

/** Identity of this process as resource attributes. */
export type ResourceAttributes = Readonly<Record<string, string>>;

/** Ids of the span that an event or a span belongs to; empty outside a trace. */
export interface SpanIds {
  traceId: string;
  spanId: string;
}

export type SpanAttributeValue = string | number | boolean | readonly string[] | readonly number[];
export type SpanAttributes = Record<string, SpanAttributeValue>;

/** A finished span of ours. */
export interface SpanRecord extends SpanIds {
  parentSpanId: string;
  name: string;
  /** As in OTLP: 1 internal, 3 client. */
  kind: 1 | 3;
  startMs: number;
  endMs: number;
  attributes: SpanAttributes;
  /** Null: status unset. */
  errorMessage: string | null;
}

const nanosPerMs = 1_000_000;

function unixNano(ms: number): string {
  const whole = Math.floor(ms);
  const nanos = Math.round((ms - whole) * nanosPerMs);
  return String(BigInt(whole) * BigInt(nanosPerMs) + BigInt(nanos));
}

function anyValue(value: SpanAttributeValue): object {
  if (typeof value === "string") return { stringValue: value.toWellFormed() };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number")
    return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((item) => anyValue(item)) } };
}

/** Attributes as OTLP key values. */
export const keyValues = (attributes: SpanAttributes): object[] =>
  Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));

const scope = { name: instrumentationScopeName, version: packageVersion };

/** One event as the JSON text of an OTLP log record. */
export function encodeLogRecord(event: AgentEvent, ids: SpanIds, atMs: number): string {
  const time = unixNano(atMs);
  return JSON.stringify({
    timeUnixNano: time,
    observedTimeUnixNano: time,
    severityNumber: 9,
    severityText: "INFO",
    eventName: event.name,
    body: { stringValue: event.name },
    attributes: keyValues({ ...encodeAgentEvent(event), "event.name": event.name }),
    ...(ids.traceId === "" ? {} : { traceId: ids.traceId, spanId: ids.spanId, flags: 1 }),
  });
}

/** Log records, each already encoded, as the body of an export request. */
export function encodeLogsRequest(resource: ResourceAttributes, records: readonly string[]): string {
  const head = JSON.stringify({ attributes: keyValues({ ...resource }) });
  return `{"resourceLogs":[{"resource":${head},"scopeLogs":[{"scope":${JSON.stringify(scope)},"logRecords":[${records.join(",")}]}]}]}`;
}

/** A span ready to be sent, with what it is grouped by. */
export interface EncodedSpan {
  resource: SpanAttributes;
  scope: { name: string; version: string };
  /** JSON text of the OTLP span. */
  json: string;
}

/** One of our own spans, encoded. */
export function encodeSpan(resource: ResourceAttributes, span: SpanRecord): EncodedSpan {
  const json = JSON.stringify({
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === "" ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: unixNano(span.startMs),
    endTimeUnixNano: unixNano(Math.max(span.startMs, span.endMs)),
    attributes: keyValues(span.attributes),
    status: span.errorMessage === null ? {} : { code: 2, message: span.errorMessage.toWellFormed() },
    flags: 1,
  });
  return { resource, scope, json };
}

interface SpanGroup {
  resource: SpanAttributes;
  scope: EncodedSpan["scope"];
  jsons: string[];
}

function groupSpans(spans: readonly EncodedSpan[]): SpanGroup[] {
  const groups: SpanGroup[] = [];
  for (const { resource, scope: spanScope, json } of spans) {
    const { name, version } = spanScope;
    const isSame = (group: SpanGroup): boolean =>
      group.resource === resource && group.scope.name === name && group.scope.version === version;
    const group = groups.findLast(isSame);
    if (group === undefined) groups.push({ resource, scope: spanScope, jsons: [json] });
    else group.jsons.push(json);
  }
  return groups;
}

/** Spans as the body of an export request. */
export function encodeTracesRequest(spans: readonly EncodedSpan[]): string {
  const groups = groupSpans(spans).map(({ resource, scope: spanScope, jsons }) => {
    const head = JSON.stringify({ attributes: keyValues(resource) });
    return `{"resource":${head},"scopeSpans":[{"scope":${JSON.stringify(spanScope)},"spans":[${jsons.join(",")}]}]}`;
  });
  return `{"resourceSpans":[${groups.join(",")}]}`;
}
