import { createHash } from "node:crypto";
import protobuf from "protobufjs";

/** One span or log record of the traffic, as far as the tests look at it. */
export interface TrafficItem {
  traceId: string;
  spanId: string;
}

const hexOf = (text: string, length: number): string =>
  createHash("sha256").update(text).digest("hex").slice(0, length);

/** Items with ids that follow from the name, ten to a trace. */
export function trafficItems(name: string, count: number): TrafficItem[] {
  return Array.from({ length: count }, (_, index) => ({
    traceId: hexOf(`${name}/trace/${String(Math.floor(index / 10))}`, 32),
    spanId: hexOf(`${name}/span/${String(index)}`, 16),
  }));
}

export function chunksOf<Item>(items: readonly Item[], size: number): Item[][] {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => index * size);
  return starts.map((start) => items.slice(start, start + size));
}

const resource = { attributes: [{ key: "service.name", value: { stringValue: "traffic" } }] };
const timeUnixNano = (): string => `${String(Date.now())}000000`;

/** @param promptLengths of the spans, in order; the others have no prompt */
export function tracesRequest(items: readonly TrafficItem[], promptLengths: readonly number[] = []): unknown {
  const startTimeUnixNano = timeUnixNano();
  const spans = items.map((item, index) => ({
    ...item,
    name: "execute_tool search",
    kind: 1,
    startTimeUnixNano,
    endTimeUnixNano: startTimeUnixNano,
    attributes: [{ key: "prompt", value: { stringValue: "x".repeat(promptLengths[index] ?? 0) } }],
  }));
  return { resourceSpans: [{ resource, scopeSpans: [{ spans }] }] };
}

/** @param bodyLengths of the log records, in order */
export function logsRequest(items: readonly TrafficItem[], bodyLengths: readonly number[] = []): unknown {
  const logRecords = items.map((item, index) => ({
    ...item,
    timeUnixNano: timeUnixNano(),
    eventName: "plumbline.step.start",
    body: { stringValue: "x".repeat(bodyLengths[index] ?? 0) },
  }));
  return { resourceLogs: [{ resource, scopeLogs: [{ logRecords }] }] };
}

export interface ExportOptions {
  /** Base address of an OTLP/HTTP receiver. */
  url: string;
  path: "/v1/traces" | "/v1/logs";
  body: unknown;
  headers?: Readonly<Record<string, string>>;
}

/** Sends one request of OTLP/JSON; resolves to whether it was acknowledged. */
export async function exportOtlp({ url, path, body, headers }: ExportOptions): Promise<boolean> {
  try {
    const response = await fetch(`${url}${path}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

const bytesField = (id: number): protobuf.IField => ({ type: "bytes", id });
const listField = (type: string): protobuf.IField => ({ rule: "repeated", type, id: 2 });
/** As much of the OTLP protocol as tells which items a request holds. */
const schema = protobuf.Root.fromJSON({
  nested: {
    Traces: { fields: { groups: { ...listField("SpanGroup"), id: 1 } } },
    SpanGroup: { fields: { scopes: listField("SpanScope") } },
    SpanScope: { fields: { items: listField("Span") } },
    Span: { fields: { traceId: bytesField(1), spanId: bytesField(2) } },
    Logs: { fields: { groups: { ...listField("LogGroup"), id: 1 } } },
    LogGroup: { fields: { scopes: listField("LogScope") } },
    LogScope: { fields: { items: listField("Log") } },
    Log: { fields: { traceId: bytesField(9), spanId: bytesField(10) } },
  },
});

interface DecodedItem {
  traceId: Buffer;
  spanId: Buffer;
}
interface DecodedRequest {
  groups?: { scopes?: { items?: DecodedItem[] }[] }[];
}

/** The items of an OTLP request in protobuf. */
export function itemsOfProtobuf(type: "Traces" | "Logs", value: Uint8Array): TrafficItem[] {
  const { groups = [] } = schema.lookupType(type).decode(value) as unknown as DecodedRequest;
  const items = groups.flatMap((group) => group.scopes ?? []).flatMap((scope) => scope.items ?? []);
  return items.map(({ traceId, spanId }) => ({
    traceId: traceId.toString("hex"),
    spanId: spanId.toString("hex"),
  }));
}

/** The items of an OTLP request in JSON. */
export function itemsOfJson(value: Uint8Array): TrafficItem[] {
  const text = Buffer.from(value).toString("utf8");
  return [...text.matchAll(/"traceId":"(\w+)","spanId":"(\w+)"/g)].map(([, traceId = "", spanId = ""]) => ({
    traceId,
    spanId,
  }));
}
