import { type Metadata, ServerInterceptingCall, type ServerInterceptor, status } from "@grpc/grpc-js";
import type { AccessControl, AccessRequest } from "../../access.ts";
import type { CollectorMetrics } from "../../collector-metrics.ts";
import { failureOf } from "../failure.ts";
import { callStatusOf } from "./call-status.ts";

/** What a call tells of its sender. */
export interface CallOrigin {
  getPeer(): string;
  getHost(): string;
}

const portPattern = /:\d+$/;

/** What access is decided on. Browsers can't speak gRPC, so there is no page that it could come from. */
export function accessRequestOf(call: CallOrigin, metadata: Metadata): AccessRequest {
  const [authorization] = metadata.get("authorization");
  return {
    peerAddress: call.getPeer().replace(portPattern, ""),
    host: call.getHost(),
    origin: undefined,
    authorization: typeof authorization === "string" ? authorization : undefined,
  };
}

/** Turns a call away before its message is read, when its sender may not send or takes too long to do so. */
export function admissionInterceptor(options: {
  access: AccessControl;
  requestTimeoutMs: number;
  metrics: CollectorMetrics;
}): ServerInterceptor {
  const { access, requestTimeoutMs, metrics } = options;
  return (_method, call) => {
    const refuse = (answer: { code: number; details: string; metadata?: Metadata }): void => {
      metrics.answered({ transport: "grpc", signal: "other", status: answer.code });
      call.sendStatus(answer);
    };
    const timer = setTimeout(() => {
      refuse({ code: status.DEADLINE_EXCEEDED, details: "The request took too long to arrive." });
    }, requestTimeoutMs).unref();
    return new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, forward) {
            try {
              access.admit(accessRequestOf(call, metadata), "telemetry");
            } catch (error) {
              clearTimeout(timer);
              refuse(callStatusOf(failureOf(error)));
              return;
            }
            forward(metadata);
          },
          onReceiveHalfClose(forward) {
            clearTimeout(timer);
            forward();
          },
          onCancel: () => clearTimeout(timer),
        });
      },
    });
  };
}
