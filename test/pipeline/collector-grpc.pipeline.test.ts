import { createMemoryBus } from "@plumbline/bus";
import { RetryableError, header, topic, topicSpecs } from "@plumbline/contracts";
import {
  type ClientOptions,
  Metadata,
  type ServiceError,
  compressionAlgorithms,
  credentials,
  makeClientConstructor,
  status,
} from "@grpc/grpc-js";
import { connect as connectHttp2 } from "node:http2";
import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it, onTestFinished } from "vitest";
import {
  encodeLogs,
  encodeTraces,
  messages,
} from "../../packages/collector/src/forward/fixtures/otlp-messages.ts";
import { busThatRefuses, startCollector } from "./collector/start-collector.ts";

const traceId = "0af7651916cd43dd8448eb211c80319c";
const otherTraceId = "1af7651916cd43dd8448eb211c80319c";
const spanId = Buffer.from("00f067aa0ba902b7", "hex");
const requestOf = (traceIds: string[], name = "chat"): Buffer =>
  Buffer.from(
    encodeTraces({
      resourceSpans: [
        {
          scopeSpans: [{ spans: traceIds.map((id) => ({ traceId: Buffer.from(id, "hex"), spanId, name })) }],
        },
      ],
    }),
  );

const tracePath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const logsPath = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

interface Call {
  path?: string;
  metadata?: Metadata;
  options?: ClientOptions;
}

/** Calls Export with bytes; rejects with the ServiceError. */
function exportTo(
  port: number,
  body: Buffer,
  { path = tracePath, metadata = new Metadata(), options = {} }: Call = {},
) {
  const same = (bytes: Buffer): Buffer => bytes;
  const Client = makeClientConstructor({}, "Export");
  const client = new Client(`127.0.0.1:${String(port)}`, credentials.createInsecure(), options);
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(path, same, same, body, metadata, (error, response) => {
      client.close();
      if (error === null) resolve(response ?? Buffer.alloc(0));
      else reject(error);
    });
  });
}

const failureOf = (call: Promise<Buffer>): Promise<ServiceError> =>
  call.then(
    () => Promise.reject(new Error("It was taken.")),
    (error: unknown) => error as ServiceError,
  );

function retryInfoOf(error: ServiceError): unknown {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  const decoded = messages.status.decode(bytes as Buffer).toJSON() as {
    details?: { typeUrl: string; value: string }[];
  };
  const detail = decoded.details?.[0];
  return detail === undefined
    ? undefined
    : messages.retryInfo.decode(Buffer.from(detail.value, "base64")).toJSON();
}

describe("OTLP/gRPC", () => {
  it("takes traces and logs, splits them by trace and keys them like HTTP", async () => {
    const { grpcPort, recordsOf } = await startCollector();
    expect(await exportTo(grpcPort, requestOf([traceId, otherTraceId]))).toHaveLength(0);
    const record = { traceId: Buffer.from(traceId, "hex"), body: { stringValue: "hello" } };
    const logs = Buffer.from(encodeLogs({ resourceLogs: [{ scopeLogs: [{ logRecords: [record] }] }] }));
    expect(await exportTo(grpcPort, logs, { path: logsPath })).toHaveLength(0);
    const spans = await recordsOf(topic.spans);
    expect(new Set(spans.map(({ key }) => key))).toEqual(new Set([traceId, otherTraceId]));
    expect(spans[0]?.headers).toMatchObject({
      [header.principal]: "local",
      [header.contentType]: "application/x-protobuf",
    });
    expect((await recordsOf(topic.logs)).map(({ key }) => key)).toEqual([traceId]);
  });

  it("takes gzip and empty requests", async () => {
    const { grpcPort, recordsOf } = await startCollector();
    const options = { "grpc.default_compression_algorithm": compressionAlgorithms.gzip };
    await exportTo(grpcPort, requestOf([traceId]), { options });
    await exportTo(grpcPort, Buffer.alloc(0));
    expect(await recordsOf(topic.spans)).toHaveLength(1);
  });

  it("says how many spans it rejected", async () => {
    const { grpcPort, recordsOf } = await startCollector();
    const response = await exportTo(grpcPort, requestOf([traceId, "0102"]));
    expect(messages.tracesResponse.decode(response).toJSON()).toMatchObject({
      partialSuccess: { rejectedSpans: "1" },
    });
    expect(await recordsOf(topic.spans)).toHaveLength(1);
  });

  it("refuses what is no export request as invalid, for good", async () => {
    const { grpcPort } = await startCollector();
    const error = await failureOf(exportTo(grpcPort, Buffer.from("not protobuf at all")));
    expect(error.code).toBe(status.INVALID_ARGUMENT);
    expect(retryInfoOf(error)).toBeUndefined();
  });

  it("says when to send again while the bus takes nothing", async () => {
    const bus = createMemoryBus();
    await bus.createTopics(topicSpecs(1));
    const refused = new RetryableError("The bus is full.", { code: "BUS_FULL", retryAfterMs: 2500 });
    const { grpcPort } = await startCollector({}, busThatRefuses(bus, refused));
    const error = await failureOf(exportTo(grpcPort, requestOf([traceId])));
    expect([error.code, error.details]).toEqual([status.UNAVAILABLE, "The bus is full."]);
    expect(retryInfoOf(error)).toEqual({ retryDelay: { seconds: "2", nanos: 500_000_000 } });
  });

  it("is exhausted with a time to retry when bodies in work hold too much", async () => {
    const { grpcPort } = await startCollector({ limits: { maxBufferedBytes: 10 } });
    const error = await failureOf(exportTo(grpcPort, requestOf([traceId])));
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(retryInfoOf(error)).toEqual({ retryDelay: { seconds: "1" } });
  });

  it.each([
    ["a message above the limit", {}],
    ["a bomb", { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }],
  ])("refuses %s and goes on", async (_, options) => {
    const { grpcPort } = await startCollector({ limits: { maxBodyBytes: 100_000 } });
    const error = await failureOf(
      exportTo(grpcPort, requestOf([traceId], "x".repeat(5_000_000)), { options }),
    );
    expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(await exportTo(grpcPort, requestOf([traceId]))).toHaveLength(0);
  });

  it("refuses metrics as unimplemented", async () => {
    const { grpcPort } = await startCollector();
    const path = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    expect((await failureOf(exportTo(grpcPort, Buffer.alloc(0), { path }))).code).toBe(status.UNIMPLEMENTED);
  });

  it("takes tenant and principal from the token and refuses without one", async () => {
    const tokens = [
      { name: "shop-agents", token: "shop-agents-secret-1", tenantId: "shop", roles: ["agent" as const] },
    ];
    const { grpcPort, recordsOf } = await startCollector({ tokens });
    expect((await failureOf(exportTo(grpcPort, requestOf([traceId])))).code).toBe(status.UNAUTHENTICATED);
    const metadata = new Metadata();
    metadata.set("authorization", "Bearer shop-agents-secret-1");
    await exportTo(grpcPort, requestOf([traceId]), { metadata });
    expect((await recordsOf(topic.spans))[0]?.headers).toMatchObject({
      [header.tenantId]: "shop",
      [header.principal]: "shop-agents",
    });
  });

  it("survives a cut gzip and ends a call whose message never comes", async () => {
    const { grpcPort } = await startCollector({ limits: { requestTimeoutMs: 200 } });
    const cut = gzipSync(requestOf([traceId])).subarray(0, 15);
    const frame = Buffer.concat([Buffer.from([1, 0, 0, 0, cut.length]), cut]);
    const broken = await rawCall(grpcPort, frame, true);
    expect(Number(broken)).toBeGreaterThan(0);
    expect(Number(await rawCall(grpcPort, Buffer.from([0, 0, 0]), false))).toBe(status.DEADLINE_EXCEEDED);
    expect(await exportTo(grpcPort, requestOf([traceId]))).toHaveLength(0);
  });

  it("names port and setting when the port is in use", async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as { port: number };
    await expect(startCollector({ grpcPort: port })).rejects.toThrow(/is in use.*listen\.otlpGrpcPort/);
  });

  it("can be switched off", async () => {
    const { grpcPort } = await startCollector({ grpcPort: null });
    expect(grpcPort).toBe(0);
  });
});

/** Sends bytes as a call's body over plain HTTP/2 and resolves with the gRPC status that comes back. */
function rawCall(port: number, body: Buffer, end: boolean): Promise<string> {
  const session = connectHttp2(`http://127.0.0.1:${String(port)}`);
  const stream = session.request({
    ":method": "POST",
    ":path": tracePath,
    "content-type": "application/grpc",
    te: "trailers",
    "grpc-encoding": "gzip",
  });
  return new Promise((resolve, reject) => {
    const finish = (headers: Record<string, string | string[] | number | undefined>): void => {
      const grpcStatus = headers["grpc-status"];
      if (grpcStatus === undefined) return;
      resolve(String(grpcStatus));
      session.destroy();
    };
    stream.on("response", finish);
    stream.on("trailers", finish);
    stream.on("error", reject);
    stream.resume();
    if (end) stream.end(body);
    else stream.write(body);
  });
}
