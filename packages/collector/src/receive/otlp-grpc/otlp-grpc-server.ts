import { portError } from "@plumbline/contracts";
import {
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type UntypedServiceImplementation,
  type handleUnaryCall,
  status,
} from "@grpc/grpc-js";
import type { AccessControl } from "../../access.ts";
import type { CollectorMetrics } from "../../collector-metrics.ts";
import type { Forwarder } from "../../forward/forwarder.ts";
import type { Logger } from "../../logger.ts";
import type { ReceiveLimits } from "../../settings.ts";
import type { ByteBudget } from "../byte-budget.ts";
import { failureOf } from "../failure.ts";
import { exportResponse } from "../response-body.ts";
import { type Signal, logs, traces } from "../signal.ts";
import { accessRequestOf, admissionInterceptor } from "./admission-interceptor.ts";
import { callStatusOf } from "./call-status.ts";
import { exportService } from "./export-service.ts";

export interface OtlpGrpcOptions {
  host: string;
  port: number;
  access: AccessControl;
  forwarder: Forwarder;
  budget: ByteBudget;
  limits: ReceiveLimits;
  metrics: CollectorMetrics;
  logger: Logger;
}

export interface OtlpGrpcServer {
  /**
   * @returns the port
   * @throws SetupError when the port can't be had
   */
  listen(): Promise<number>;
  /** Takes no more calls, waits for those in work, then cuts what is left. */
  close(drainMs: number): Promise<void>;
}

const maxConcurrentStreams = 100;
const keepAliveTimeMs = 30_000;
const keepAliveTimeoutMs = 10_000;

/** Forwards one export call. */
async function takeCall(
  call: ServerUnaryCall<Buffer, Buffer>,
  signal: Signal,
  options: OtlpGrpcOptions,
): Promise<Buffer> {
  const caller = options.access.admit(accessRequestOf(call, call.metadata), "telemetry");
  const lease = options.budget.open();
  try {
    lease.take(call.request.length);
    const sender = { tenantId: caller.tenantId, principal: caller.name };
    const partial = await options.forwarder.forward({
      signal,
      encoding: "protobuf",
      body: call.request,
      sender,
    });
    return exportResponse(signal, "protobuf", partial);
  } finally {
    lease.release();
  }
}

function exportHandler(signal: Signal, options: OtlpGrpcOptions): handleUnaryCall<Buffer, Buffer> {
  const { metrics, logger } = options;
  return (call, callback) => {
    takeCall(call, signal, options).then(
      (response) => {
        metrics.answered({ transport: "grpc", signal: signal.name, status: status.OK });
        callback(null, response);
      },
      (error: unknown) => {
        const failure = failureOf(error);
        if (failure.unexpected) logger.error({ error, signal: signal.name }, "export call failed");
        metrics.answered({ transport: "grpc", signal: signal.name, status: failure.rpcCode });
        callback(callStatusOf(failure));
      },
    );
  };
}

function closeServer(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.forceShutdown(), drainMs);
    server.tryShutdown(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** OTLP/gRPC without compression of its own answers; the limit holds before and after decompression. */
export function createOtlpGrpcServer(options: OtlpGrpcOptions): OtlpGrpcServer {
  const { host, port, access, limits, metrics } = options;
  const server = new Server({
    "grpc.max_receive_message_length": limits.maxBodyBytes,
    "grpc.max_concurrent_streams": maxConcurrentStreams,
    "grpc.keepalive_time_ms": keepAliveTimeMs,
    "grpc.keepalive_timeout_ms": keepAliveTimeoutMs,
    interceptors: [admissionInterceptor({ access, metrics, requestTimeoutMs: limits.requestTimeoutMs })],
  });
  for (const signal of [traces, logs]) {
    const implementation: UntypedServiceImplementation = { Export: exportHandler(signal, options) };
    server.addService(exportService(signal), implementation);
  }
  const address = `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
          if (error === null) resolve(bound);
          else reject(portError(error, port, "listen.otlpGrpcPort"));
        });
      }),
    close: (drainMs) => closeServer(server, drainMs),
  };
}
