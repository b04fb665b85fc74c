import { createMemoryBus } from "@plumbline/bus";
import { RetryableError, header, topic, topicSpecs } from "@plumbline/contracts";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { BatchSpanProcessor, NodeTracerProvider } from "otel2-sdk-trace-node";
import { connect, createServer } from "node:net";
import { deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import {
  decodeTraces,
  encodeTraces,
  messages,
} from "../../packages/collector/src/forward/fixtures/otlp-messages.ts";
import { busThatRefuses, startCollector } from "./collector/start-collector.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const otherTraceId = "1af7651916cd43dd8448eb211c80319c";
const jsonSpan = (fields: object = {}): object => ({
  traceId,
  spanId: "00f067aa0ba902b7",
  name: "chat",
  ...fields,
});
const jsonRequest = (spans: object[]): string =>
  JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const bytesOf = (hex: string): Uint8Array => Buffer.from(hex, "hex");
const protobufRequest = (traceIds: string[]): Uint8Array =>
  encodeTraces({
    resourceSpans: [
      {
        scopeSpans: [
          { spans: traceIds.map((id) => ({ traceId: bytesOf(id), spanId: bytesOf("00f067aa0ba902b7") })) },
        ],
      },
    ],
  });

interface Answer {
  status: number;
  type: string | null;
  headers: Headers;
  body: Buffer;
}

async function post(
  url: string,
  body: string | Uint8Array,
  headers: Record<string, string> = { "content-type": "application/json" },
): Promise<Answer> {
  const response = await fetch(url, { method: "POST", body, headers });
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  };
}

const byText = (a: unknown, b: unknown): number => String(a).localeCompare(String(b));
const protobuf = { "content-type": "application/x-protobuf" };
const json = { "content-type": "application/json" };
const textOf = (answer: Answer): unknown => JSON.parse(answer.body.toString());
const statusIn = (answer: Answer): unknown => messages.status.decode(answer.body).toJSON();

describe("what is taken", () => {
  it("answers JSON in JSON and puts each trace under its id with tenant, principal and time", async () => {
    const { url, recordsOf } = await startCollector();
    const answer = await post(
      `${url}/v1/traces`,
      jsonRequest([jsonSpan(), jsonSpan({ traceId: otherTraceId })]),
    );
    expect(answer).toMatchObject({ status: 200, type: "application/json" });
    expect(textOf(answer)).toEqual({});
    const records = await recordsOf(topic.spans);
    expect(records.map((record) => record.key).toSorted(byText)).toEqual([traceId, otherTraceId]);
    expect(records[0]?.headers).toMatchObject({
      [header.tenantId]: "",
      [header.principal]: "local",
      [header.contentType]: "application/json",
    });
    expect(Number(records[0]?.headers[header.receivedAtMs])).toBeGreaterThan(1_700_000_000_000);
  });

  it("answers protobuf in protobuf and splits it by trace", async () => {
    const { url, recordsOf } = await startCollector();
    const answer = await post(
      `${url}/v1/traces`,
      protobufRequest([traceId, otherTraceId, traceId]),
      protobuf,
    );
    expect(answer).toMatchObject({ status: 200, type: "application/x-protobuf" });
    expect(answer.body).toHaveLength(0);
    const records = await recordsOf(topic.spans);
    const counts = records.map(({ key, value }) => [
      key,
      decodeTraces(value).resourceSpans[0]?.scopeSpans[0]?.spans.length,
    ]);
    expect(counts.toSorted(byText)).toEqual([
      [traceId, 2],
      [otherTraceId, 1],
    ]);
  });

  it.each([
    ["gzip", gzipSync],
    ["deflate", deflateSync],
    ["zstd", zstdCompressSync],
  ] as const)("takes %s", async (encoding, compress) => {
    const { url, recordsOf } = await startCollector();
    const body = compress(protobufRequest([traceId]));
    const answer = await post(`${url}/v1/traces`, body, { ...protobuf, "content-encoding": encoding });
    expect(answer.status).toBe(200);
    expect(await recordsOf(topic.spans)).toHaveLength(1);
  });

  it("takes empty requests and logs", async () => {
    const { url, recordsOf } = await startCollector();
    expect((await post(`${url}/v1/traces`, new Uint8Array(), protobuf)).status).toBe(200);
    expect((await post(`${url}/v1/logs`, "{}")).status).toBe(200);
    const record = { traceId, spanId: "00f067aa0ba902b7", body: { stringValue: "hello" } };
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] });
    expect((await post(`${url}/v1/logs`, body)).status).toBe(200);
    expect(await recordsOf(topic.spans)).toHaveLength(0);
    expect((await recordsOf(topic.logs)).map(({ key }) => key)).toEqual([traceId]);
  });

  it("takes what the OpenTelemetry exporter sends", async () => {
    const { url, recordsOf } = await startCollector();
    const exporter = new OTLPTraceExporter({ url: `${url}/v1/traces` });
    const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
    const span = provider.getTracer("test").startSpan("chat gpt-5-mini");
    span.end();
    await provider.forceFlush();
    await provider.shutdown();
    expect((await recordsOf(topic.spans)).map(({ key }) => key)).toEqual([span.spanContext().traceId]);
  });
});

describe("what is refused", () => {
  it("rejects a span with ids of wrong length alone and says so", async () => {
    const { url, recordsOf } = await startCollector();
    const answer = await post(`${url}/v1/traces`, jsonRequest([jsonSpan(), jsonSpan({ traceId: "abc" })]));
    expect(answer.status).toBe(200);
    expect(textOf(answer)).toMatchObject({
      partialSuccess: { rejectedSpans: "1", errorMessage: expect.stringContaining("BAD_TRACE_ID") as string },
    });
    expect(await recordsOf(topic.spans)).toHaveLength(1);
  });

  it("says in protobuf how many spans it rejected", async () => {
    const { url } = await startCollector();
    const answer = await post(`${url}/v1/traces`, protobufRequest([traceId, "0102"]), protobuf);
    const decoded = messages.tracesResponse.decode(answer.body).toJSON();
    expect(decoded).toMatchObject({ partialSuccess: { rejectedSpans: "1" } });
  });

  it.each([
    ["text as JSON", "hello", json, 400],
    ["NaN", '{"resourceSpans":[{"scopeSpans":[{"spans":[{"kind":NaN}]}]}]}', json, 400],
    ["deep JSON", "[".repeat(200_000), json, 400],
    ["bytes that are no protobuf", Buffer.from("not protobuf at all"), protobuf, 400],
    [
      "a cut gzip",
      gzipSync(Buffer.alloc(10_000, "a")).subarray(0, 30),
      { ...protobuf, "content-encoding": "gzip" },
      400,
    ],
    ["bytes that are no gzip", Buffer.from("plain"), { ...protobuf, "content-encoding": "gzip" }, 400],
    ["an unknown content encoding", "{}", { ...json, "content-encoding": "constructor" }, 415],
    ["an unknown content type", "{}", { "content-type": "text/plain" }, 415],
  ] as const)("answers %s with the status in the right encoding", async (...[, body, headers, status]) => {
    const { url, recordsOf } = await startCollector();
    const answer = await post(`${url}/v1/traces`, body, headers);
    expect(answer.status).toBe(status);
    const expected = { code: 3, message: expect.stringMatching(/\w/) as string };
    if (headers["content-type"] === "application/x-protobuf")
      expect(statusIn(answer)).toMatchObject(expected);
    else expect(textOf(answer)).toMatchObject(expected);
    expect((await post(`${url}/v1/traces`, "{}")).status).toBe(200);
    expect(await recordsOf(topic.spans)).toHaveLength(0);
  });

  it("answers 413 to a body of 100 MiB", async () => {
    const { url } = await startCollector();
    expect((await post(`${url}/v1/traces`, Buffer.alloc(100 * 1_048_576), protobuf)).status).toBe(413);
  });

  it("answers 413 to a stream that says no length and never stays within the limit", async () => {
    const { url } = await startCollector({ limits: { maxBodyBytes: 100_000 } });
    const body = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(50_000)) });
    const request = { method: "POST", body, duplex: "half", headers: protobuf } as RequestInit;
    const answer = await fetch(`${url}/v1/traces`, request).catch((error: unknown) => error);
    if (answer instanceof Response) expect(answer.status).toBe(413);
    expect((await post(`${url}/v1/traces`, "{}")).status).toBe(200);
  });

  it.each([
    ["gzip", gzipSync],
    ["zstd", zstdCompressSync],
  ] as const)("stops a %s bomb at the limit", async (encoding, compress) => {
    const { url } = await startCollector({
      limits: { maxBodyBytes: 1_000_000, maxBufferedBytes: 2_000_000 },
    });
    const bomb = compress(Buffer.alloc(200 * 1_048_576));
    const answer = await post(`${url}/v1/traces`, bomb, { ...protobuf, "content-encoding": encoding });
    expect(answer.status).toBe(413);
  });

  it("answers 405 with Allow, 404 for metrics with the reason", async () => {
    const { url } = await startCollector();
    const wrongMethod = await fetch(`${url}/v1/traces`);
    expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "POST"]);
    const metrics = await post(`${url}/v1/metrics`, "{}");
    expect(metrics.status).toBe(404);
    expect(textOf(metrics)).toMatchObject({
      code: 12,
      message: expect.stringContaining("metrics") as string,
    });
  });
});

describe("when the bus or the collector is full", () => {
  it("answers 503 with Retry-After while the bus takes nothing", async () => {
    const bus = createMemoryBus();
    await bus.createTopics(topicSpecs(1));
    const refused = new RetryableError("The bus is full.", { code: "BUS_FULL", retryAfterMs: 2500 });
    const { url } = await startCollector({}, busThatRefuses(bus, refused));
    const answer = await post(`${url}/v1/traces`, protobufRequest([traceId]), protobuf);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "3"]);
    expect(statusIn(answer)).toMatchObject({ code: 14, message: "The bus is full." });
  });

  it("answers 503 without telling internals when something unforeseen fails", async () => {
    const bus = createMemoryBus();
    await bus.createTopics(topicSpecs(1));
    const { url } = await startCollector({}, busThatRefuses(bus, new Error("secret path /x/y")));
    const answer = await post(`${url}/v1/traces`, jsonRequest([jsonSpan()]));
    expect(answer.status).toBe(503);
    expect(answer.body.toString()).not.toContain("secret");
  });

  it("answers 429 when bodies in work hold too much", async () => {
    const { url } = await startCollector({ limits: { maxBufferedBytes: 100 } });
    const answer = await post(`${url}/v1/traces`, jsonRequest([jsonSpan(), jsonSpan()]));
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "1"]);
    expect((await post(`${url}/v1/traces`, "{}")).status).toBe(200);
  });
});

describe("who is served", () => {
  const tokens = [
    { name: "shop-agents", token: "shop-agents-secret-1", tenantId: "shop", roles: ["telemetry" as const] },
    { name: "ana", token: "anas-own-secret-123", roles: ["viewer" as const] },
  ];

  it("takes tenant and principal from the token", async () => {
    const { url, recordsOf } = await startCollector({ tokens });
    const authorized = { ...json, authorization: "Bearer shop-agents-secret-1" };
    expect((await post(`${url}/v1/traces`, jsonRequest([jsonSpan()]), authorized)).status).toBe(200);
    expect((await recordsOf(topic.spans))[0]?.headers).toMatchObject({
      [header.tenantId]: "shop",
      [header.principal]: "shop-agents",
    });
  });

  it("refuses no token, a wrong one, and one without the role", async () => {
    const { url } = await startCollector({ tokens });
    const statusFor = async (authorization: Record<string, string>): Promise<number> =>
      (await post(`${url}/v1/traces`, "{}", { ...json, ...authorization })).status;
    expect(await statusFor({})).toBe(401);
    expect(await statusFor({ authorization: "Bearer wrong" })).toBe(401);
    expect(await statusFor({ authorization: "Bearer anas-own-secret-123" })).toBe(403);
  });

  it("refuses a foreign Host and a foreign Origin without a token", async () => {
    const { url } = await startCollector();
    const answer = await post(`${url}/v1/traces`, "{}", { ...json, origin: "https://evil.example" });
    expect(answer.status).toBe(403);
    const rebound = await rawRequest(
      url,
      "POST /v1/traces HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}",
    );
    expect(rebound).toContain("403");
  });
});

describe("the server itself", () => {
  it("tells health, readiness and metrics", async () => {
    const { url } = await startCollector();
    await post(`${url}/v1/traces`, jsonRequest([jsonSpan(), jsonSpan({ spanId: "1" })]));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toContain('plumbline_collector_items_accepted_total{signal="traces"} 1');
    expect(metrics).toContain(
      'plumbline_collector_items_rejected_total{signal="traces",code="BAD_SPAN_ID"} 1',
    );
  });

  it("cuts a request whose body never comes", async () => {
    const { url } = await startCollector({ limits: { requestTimeoutMs: 300, headersTimeoutMs: 200 } });
    const head =
      "POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nContent-Type: application/json\r\n\r\n{";
    expect(await rawRequest(url, head)).toMatch(/408|^$/);
    expect((await post(`${url}/v1/traces`, "{}")).status).toBe(200);
  });

  it("names port and setting when the port is in use", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    const { port } = taken.address() as { port: number };
    await expect(startCollector({ httpPort: port })).rejects.toThrow(
      new RegExp(`Port ${String(port)} is in use.*listen.otlpHttpPort`),
    );
    await new Promise((resolve) => taken.close(resolve));
  });
});

/** Sends raw bytes and resolves with what came back once the server has closed or answered. */
function rawRequest(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    let received = "";
    const socket = connect(Number(port), hostname, () => socket.write(text));
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      received += chunk;
      socket.end();
    });
    socket.on("close", () => resolve(received));
    socket.on("error", () => resolve(received));
  });
}
