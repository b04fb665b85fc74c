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
  attributes: () => SpanAttributes;
  /** Null: status unset. */
  errorMessage: string | null;
}

const nanosPerMs = 1_000_000;

function unixNano(ms: number): string {
  const whole = Math.floor(ms);
  if (whole === ms && whole > 0) return `${String(whole)}000000`;
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

const attributeHeads = new Map<string, string>();
const mostAttributeHeads = 200;

/** The names of attributes are few and come again and again. */
function attributeHead(key: string): string {
  const known = attributeHeads.get(key);
  if (known !== undefined) return known;
  const head = `{"key":${JSON.stringify(key)},"value":`;
  if (attributeHeads.size < mostAttributeHeads) attributeHeads.set(key, head);
  return head;
}

/** What JSON.stringify writes of {@link keyValues}, without the objects between. */
function keyValuesJson(attributes: SpanAttributes): string {
  let json = "";
  for (const [key, value] of Object.entries(attributes)) {
    const text =
      typeof value === "string"
        ? `{"stringValue":${JSON.stringify(value.toWellFormed())}}`
        : JSON.stringify(anyValue(value));
    json += `${json === "" ? "" : ","}${attributeHead(key)}${text}}`;
  }
  return `[${json}]`;
}

const scope = { name: instrumentationScopeName, version: packageVersion };

/** An event on its way to become a log record. */
export interface ReportedEvent extends SpanIds {
  name: AgentEvent["name"];
  /** Attributes of the log record. */
  attributes: () => Readonly<Record<string, string>>;
  atMs: number;
}

/** Keeps nothing of the event and the span but what is sent: all that it holds is text from now on, whatever becomes of it. */
export function reportedEvent(event: AgentEvent, { traceId, spanId }: SpanIds, atMs: number): ReportedEvent {
  const attributes = encodeAgentEvent(event);
  return { name: event.name, attributes: () => attributes, traceId, spanId, atMs };
}

/** An event that is made when it is sent. */
export function eventToReport(
  { name, make }: { name: AgentEvent["name"]; make: () => AgentEvent },
  { traceId, spanId }: SpanIds,
  atMs: number,
): ReportedEvent {
  return { name, attributes: () => encodeAgentEvent(make()), traceId, spanId, atMs };
}

/** One event as the JSON text of an OTLP log record. */
export function encodeLogRecord({ name, attributes, traceId, spanId, atMs }: ReportedEvent): string {
  const time = unixNano(atMs);
  const nameJson = JSON.stringify(name);
  const place =
    traceId === ""
      ? ""
      : `,"traceId":${JSON.stringify(traceId)},"spanId":${JSON.stringify(spanId)},"flags":1`;
  return `{"timeUnixNano":"${time}","observedTimeUnixNano":"${time}","severityNumber":9,"severityText":"INFO","eventName":${nameJson},"body":{"stringValue":${nameJson}},"attributes":${keyValuesJson({ ...attributes(), "event.name": name })}${place}}`;
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
  readonly json: string;
}

function spanJson({ startMs, errorMessage, ...span }: SpanRecord): string {
  const { traceId, spanId, parentSpanId } = span;
  const ids = JSON.stringify({ traceId, spanId, ...(parentSpanId === "" ? {} : { parentSpanId }) });
  const status = errorMessage === null ? {} : { code: 2, message: errorMessage.toWellFormed() };
  const times = `"startTimeUnixNano":"${unixNano(startMs)}","endTimeUnixNano":"${unixNano(Math.max(startMs, span.endMs))}"`;
  return `${ids.slice(0, -1)},"name":${JSON.stringify(span.name)},"kind":${String(span.kind)},${times},"attributes":${keyValuesJson(span.attributes())},"status":${JSON.stringify(status)},"flags":1}`;
}

/** One of our own spans, which is encoded when it is sent: it is done with, so that nothing changes it any more. */
export function encodeSpan(resource: ResourceAttributes, span: SpanRecord): EncodedSpan {
  return {
    resource,
    scope,
    get json() {
      return spanJson(span);
    },
  };
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
