import type { ServiceDefinition } from "@grpc/grpc-js";
import type { Signal } from "../signal.ts";

const services: Record<Signal["name"], string> = {
  traces: "opentelemetry.proto.collector.trace.v1.TraceService",
  logs: "opentelemetry.proto.collector.logs.v1.LogsService",
};

const sameBytes = (bytes: Buffer): Buffer => bytes;

/** The OTLP service of a signal with messages as bytes: what they hold is read by the forwarder. */
export function exportService(signal: Signal): ServiceDefinition {
  return {
    Export: {
      path: `/${services[signal.name]}/Export`,
      requestStream: false,
      responseStream: false,
      requestSerialize: sameBytes,
      requestDeserialize: sameBytes,
      responseSerialize: sameBytes,
      responseDeserialize: sameBytes,
    },
  };
}
