import { RejectedError } from "@plumbline/contracts";
import type { Hono } from "hono";
import type { AccessControl } from "../../access.ts";
import type { CollectorMetrics, SignalName } from "../../collector-metrics.ts";
import type { Forwarder } from "../../forward/forwarder.ts";
import { type ServerContext, type ServerEnvironment, accessRequestOf } from "../../http/http-bindings.ts";
import type { Logger } from "../../logger.ts";
import type { ByteBudget } from "../byte-budget.ts";
import { type ExportEncoding, encodingOf, mediaTypes } from "../export-encoding.ts";
import { type Failure, failureOf, rpcCode } from "../failure.ts";
import { exportResponse, statusBody } from "../response-body.ts";
import { type Signal, logs, traces } from "../signal.ts";
import { supportedEncodings } from "./decompress.ts";
import { type BodyLimits, readBody } from "./read-body.ts";

export interface OtlpHttpOptions {
  access: AccessControl;
  forwarder: Forwarder;
  budget: ByteBudget;
  limits: BodyLimits;
  metrics: CollectorMetrics;
  logger: Logger;
}

const noMetrics =
  "Plumbline takes traces and logs. Send metrics elsewhere (OTEL_EXPORTER_OTLP_METRICS_ENDPOINT) or switch them off (OTEL_METRICS_EXPORTER=none).";

function respond(
  context: ServerContext,
  answer: { status: number; encoding: ExportEncoding; body: Buffer; headers?: Record<string, string> },
): Response {
  const headers = { "content-type": mediaTypes[answer.encoding], ...answer.headers };
  return context.newResponse(new Uint8Array(answer.body), answer.status as 200, headers);
}

function headersOf(failure: Failure): Record<string, string> {
  const retry: Record<string, string> =
    failure.retryAfterMs === null ? {} : { "retry-after": String(Math.ceil(failure.retryAfterMs / 1000)) };
  if (failure.httpStatus === 401) return { ...retry, "www-authenticate": "Bearer" };
  return failure.httpStatus === 415 ? { ...retry, "accept-encoding": supportedEncodings } : retry;
}

/** Reads, forwards and answers one export request. */
async function takeRequest(
  context: ServerContext,
  signal: Signal,
  options: OtlpHttpOptions,
): Promise<Buffer> {
  const { incoming } = context.env;
  const caller = options.access.admit(accessRequestOf(context), "telemetry");
  const contentType = incoming.headers["content-type"];
  const encoding = encodingOf(contentType);
  if (encoding === undefined) {
    throw new RejectedError(`The content type "${contentType ?? ""}" is not OTLP.`, {
      code: "UNSUPPORTED_MEDIA_TYPE",
      mend: `Use ${mediaTypes.protobuf} or ${mediaTypes.json}.`,
    });
  }
  const lease = options.budget.open();
  try {
    const body = await readBody(incoming, options.limits, lease);
    const sender = { tenantId: caller.tenantId, principal: caller.name };
    const partial = await options.forwarder.forward({ signal, encoding, body, sender });
    return exportResponse(signal, encoding, partial);
  } finally {
    lease.release();
  }
}

async function answerExport(
  context: ServerContext,
  signal: Signal,
  options: OtlpHttpOptions,
): Promise<Response> {
  const { metrics, logger } = options;
  const encoding = encodingOf(context.env.incoming.headers["content-type"]) ?? "json";
  try {
    const body = await takeRequest(context, signal, options);
    metrics.answered({ transport: "http", signal: signal.name, status: 200 });
    return respond(context, { status: 200, encoding, body });
  } catch (error) {
    const failure = failureOf(error);
    if (failure.unexpected) logger.error({ error, signal: signal.name }, "export request failed");
    metrics.answered({ transport: "http", signal: signal.name, status: failure.httpStatus });
    const body = statusBody(encoding, { code: failure.rpcCode, message: failure.message });
    return respond(context, { status: failure.httpStatus, encoding, body, headers: headersOf(failure) });
  }
}

/** Adds `/v1/traces` and `/v1/logs` to the application, and a clear refusal at `/v1/metrics`. */
export function addOtlpHttpRoutes(app: Hono<ServerEnvironment>, options: OtlpHttpOptions): void {
  const refuse = (
    context: ServerContext,
    refusal: { signal: SignalName; status: number; message: string; headers?: Record<string, string> },
  ): Response => {
    const { signal, status, message, headers = {} } = refusal;
    context.env.incoming.resume();
    options.metrics.answered({ transport: "http", signal, status });
    const encoding = encodingOf(context.env.incoming.headers["content-type"]) ?? "json";
    const body = statusBody(encoding, { code: rpcCode.unimplemented, message });
    return respond(context, { status, encoding, body, headers });
  };
  for (const signal of [traces, logs]) {
    const path = `/v1/${signal.name}`;
    app.post(path, (context) => answerExport(context, signal, options));
    app.all(path, (context) =>
      refuse(context, {
        signal: signal.name,
        status: 405,
        message: `Send ${path} by POST.`,
        headers: { allow: "POST" },
      }),
    );
  }
  app.all("/v1/metrics", (context) =>
    refuse(context, { signal: "metrics", status: 404, message: noMetrics }),
  );
}
