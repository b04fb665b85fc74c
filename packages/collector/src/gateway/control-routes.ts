import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import {
  type Caller,
  RejectedError,
  RetryableError,
  controlPath,
  pollRequestSchema,
  runKey,
  streamRequestSchema,
} from "@plumbline/contracts";
import type { Hono } from "hono";
import { z } from "zod";
import type { AccessControl } from "../access.ts";
import type { CollectorMetrics } from "../collector-metrics.ts";
import { type ServerContext, type ServerEnvironment, accessRequestOf } from "../http/http-bindings.ts";
import type { Logger } from "../logger.ts";
import type { ByteBudget } from "../receive/byte-budget.ts";
import { failureOf } from "../receive/failure.ts";
import { readBody } from "../receive/otlp-http/read-body.ts";
import type { Gateway } from "./gateway.ts";
import { responseSink } from "./response-sink.ts";

export interface ControlRoutesOptions {
  gateway: Gateway;
  access: AccessControl;
  budget: ByteBudget;
  metrics: CollectorMetrics;
  logger: Logger;
}

/** Ten thousand run ids of the greatest length. */
const maxRequestBytes = 4 * 1_048_576;
const maxRuns = 10_000;

async function readJson<Schema extends z.ZodType>(
  context: ServerContext,
  schema: Schema,
  budget: ByteBudget,
): Promise<z.infer<Schema>> {
  const lease = budget.open();
  try {
    const limits = { maxCompressedBytes: maxRequestBytes, maxBodyBytes: maxRequestBytes };
    const body = await readBody(context.env.incoming, limits, lease);
    const parsed = schema.safeParse(parseJson(body.toString("utf8")));
    if (parsed.success) return parsed.data;
    throw new RejectedError(`The request is not right: ${z.prettifyError(parsed.error)}`, {
      code: "BAD_REQUEST",
    });
  } finally {
    lease.release();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RejectedError("The body is not JSON.", { code: "UNDECODABLE", cause: error });
  }
}

/** Whoever went away while the request was read would never be noticed again: its close has passed. */
function checkPresent(outgoing: { destroyed: boolean }): void {
  if (!outgoing.destroyed) return;
  throw new RejectedError("The client went away.", { code: "CLIENT_GONE" });
}

function openStream(
  context: ServerContext,
  options: ControlRoutesOptions,
  request: { caller: Caller; runs: readonly string[] },
): Response {
  const { incoming, outgoing } = context.env;
  checkPresent(outgoing);
  const lastEventId = incoming.headers["last-event-id"];
  const { sink, onDrain, onClose } = responseSink(outgoing);
  const opened = options.gateway.openStream({
    runs: new Map(request.runs.map((runId) => [runKey(request.caller.tenantId, runId), runId])),
    lastEventId: typeof lastEventId === "string" ? lastEventId : undefined,
    sink,
  });
  if (opened === undefined) {
    throw new RetryableError("The gateway holds as many streams as it may.", {
      code: "BUSY",
      retryAfterMs: 5000,
    });
  }
  onDrain(() => opened.drained());
  onClose(() => opened.closed());
  return RESPONSE_ALREADY_SENT;
}

async function answerPoll(
  context: ServerContext,
  options: ControlRoutesOptions,
  caller: Caller,
): Promise<Response> {
  const { runs, waitMs } = await readJson(context, pollRequestSchema, options.budget);
  const entries = Object.entries(runs);
  if (entries.length > maxRuns) {
    throw new RejectedError(`More than ${String(maxRuns)} runs in one request.`, { code: "BAD_REQUEST" });
  }
  checkPresent(context.env.outgoing);
  const gone = new AbortController();
  context.env.outgoing.once("close", () => gone.abort());
  const directives = await options.gateway.poll({
    known: new Map(entries.map(([runId, generation]) => [runKey(caller.tenantId, runId), generation])),
    waitMs,
    signal: gone.signal,
  });
  return context.body(`{"directives":[${directives.join(",")}]}`, 200, {
    "content-type": "application/json",
  });
}

/** Adds the control protocol of the contracts to the application. */
export function addControlRoutes(app: Hono<ServerEnvironment>, options: ControlRoutesOptions): void {
  const { gateway, access, budget, metrics, logger } = options;
  const serve =
    (answer: (context: ServerContext, caller: Caller) => Response | Promise<Response>) =>
    async (context: ServerContext): Promise<Response> => {
      try {
        const caller = access.admit(accessRequestOf(context), "agent");
        gateway.checkReady();
        const response = await answer(context, caller);
        metrics.answered({ transport: "http", signal: "control", status: 200 });
        return response;
      } catch (error) {
        const failure = failureOf(error);
        if (failure.unexpected) logger.error({ error }, "control request failed");
        metrics.answered({ transport: "http", signal: "control", status: failure.httpStatus });
        context.env.incoming.resume();
        if (failure.retryAfterMs !== null)
          context.header("retry-after", String(Math.ceil(failure.retryAfterMs / 1000)));
        const body = { error: { code: failure.rpcCode, message: failure.message } };
        return context.json(body, failure.httpStatus as 400);
      }
    };
  app.post(
    controlPath.stream,
    serve(async (context, caller) => {
      const { runs } = await readJson(context, streamRequestSchema, budget);
      return openStream(context, options, { caller, runs });
    }),
  );
  app.get(
    controlPath.stream,
    serve((context, caller) => {
      const parsed = streamRequestSchema.safeParse({ runs: context.req.queries("run") ?? [] });
      if (parsed.success) return openStream(context, options, { caller, runs: parsed.data.runs });
      throw new RejectedError(`The request is not right: ${z.prettifyError(parsed.error)}`, {
        code: "BAD_REQUEST",
      });
    }),
  );
  app.post(
    controlPath.poll,
    serve((context, caller) => answerPoll(context, options, caller)),
  );
}
