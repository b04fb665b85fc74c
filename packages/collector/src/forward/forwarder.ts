import type { Bus, BusRecord } from "@plumbline/bus";
import { type Clock, eventLoopTurn, header } from "@plumbline/contracts";
import type { CollectorMetrics } from "../collector-metrics.ts";
import { type ExportEncoding, mediaTypes } from "../receive/export-encoding.ts";
import type { PartialSuccess } from "../receive/response-body.ts";
import type { Signal } from "../receive/signal.ts";
import { splitJson } from "./split-json.ts";
import { splitProtobuf } from "./split-protobuf.ts";
import { type SplitLimits, describeRejections } from "./split-result.ts";

/** Who sent a request, as far as the token says. */
export interface Sender {
  tenantId: string;
  principal: string;
}

export interface ExportRequest {
  signal: Signal;
  encoding: ExportEncoding;
  body: Uint8Array;
  sender: Sender;
}

/** The way from a received request to the bus. */
export interface Forwarder {
  /**
   * Resolves once everything that was not rejected is durable.
   * @throws RejectedError when the request as a whole is bad, RetryableError when the bus takes nothing now
   */
  forward(request: ExportRequest): Promise<PartialSuccess>;
}

/** Larger requests are bulk: reading one takes longer than a command should wait. */
const promptBytes = 64 * 1024;
/** Publishing stays atomic for ordinary requests and bounded for huge ones. */
const maxPublishBytes = 16 * 1_048_576;
const maxPublishRecords = 5000;

function* chunksOf(records: readonly BusRecord[]): Generator<BusRecord[]> {
  let chunk: BusRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    if (chunk.length >= maxPublishRecords || bytes + record.value.length > maxPublishBytes) {
      if (chunk.length > 0) yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += record.value.length;
  }
  if (chunk.length > 0) yield chunk;
}

export interface ForwarderOptions {
  bus: Bus;
  clock: Clock;
  limits: SplitLimits;
  metrics: CollectorMetrics;
}

export function createForwarder({ bus, clock, limits, metrics }: ForwarderOptions): Forwarder {
  const headersOf = ({ encoding, sender }: ExportRequest): Record<string, string> => ({
    [header.tenantId]: sender.tenantId,
    [header.principal]: sender.principal,
    [header.receivedAtMs]: String(clock.nowMs()),
    [header.contentType]: mediaTypes[encoding],
  });
  return {
    async forward(request) {
      const { signal, encoding, body } = request;
      if (body.byteLength > promptBytes) await eventLoopTurn("bulk");
      const split = encoding === "json" ? splitJson : splitProtobuf;
      const { records, accepted, rejections, warning } = split(body, signal, limits);
      const headers = headersOf(request);
      for (const chunk of chunksOf(records.map((record) => ({ ...record, headers })))) {
        await bus.publish(signal.topic, chunk);
      }
      metrics.accepted(signal.name, accepted);
      for (const [code, { count }] of rejections.byCode) metrics.rejected(signal.name, code, count);
      const message = [describeRejections(rejections, signal.itemNoun), warning].filter(
        (text) => text !== "",
      );
      return { rejected: rejections.count, message: message.join(" ") };
    },
  };
}
