import { Metadata, type ServiceError, credentials, makeClientConstructor } from "@grpc/grpc-js";
import { encodeTraces } from "../../../packages/collector/src/forward/fixtures/otlp-messages.ts";
import type { TrafficItem } from "./otlp-traffic.ts";

const exportPath = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
const identity = (bytes: Buffer): Buffer => bytes;
const TraceClient = makeClientConstructor({}, "TraceService");

/** Sends spans over OTLP/gRPC; resolves when they are acknowledged. */
export async function exportOverGrpc(
  port: number,
  items: readonly TrafficItem[],
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const spans = items.map(({ traceId, spanId }) => ({
    traceId: Buffer.from(traceId, "hex"),
    spanId: Buffer.from(spanId, "hex"),
    name: "execute_tool search",
  }));
  const request = Buffer.from(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const client = new TraceClient(`127.0.0.1:${String(port)}`, credentials.createInsecure());
  try {
    await new Promise<void>((resolve, reject) => {
      const answered = (error: ServiceError | null): void => {
        if (error === null) resolve();
        else reject(error);
      };
      client.makeUnaryRequest(exportPath, identity, identity, request, metadata, answered);
    });
  } finally {
    client.close();
  }
}
