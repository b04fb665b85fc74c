import type { Bus } from "@plumbline/bus";
import {
  type ApiError,
  type Clock,
  type IdSource,
  RejectedError,
  type TrustedKeys,
} from "@plumbline/contracts";
import { type RunQueries, type Store, createRunQueries } from "@plumbline/store";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { routePath } from "hono/route";
import type { ApiContext } from "./api/api-context.ts";
import { addApprovalRoutes } from "./api/approval-routes.ts";
import { addAuditRoutes } from "./api/audit-routes.ts";
import { failureOf } from "./api/failure.ts";
import { addFeedbackRoutes } from "./api/feedback-routes.ts";
import { addRunRoutes } from "./api/run-routes.ts";
import { addSqlRoutes } from "./api/sql-routes.ts";
import { type CheckedPart, addStatusRoutes } from "./api/status-routes.ts";
import { addWatchRoutes } from "./api/watch-routes.ts";
import {
  type ConsoleMetrics,
  type MetricsSource,
  createConsoleMetrics,
  noMetrics,
} from "./console-metrics.ts";
import type { ServerContext, ServerEnvironment } from "./http/http-bindings.ts";
import { createHttpServer } from "./http/http-server.ts";
import { type Logger, silentLogger } from "./logger.ts";
import { createKnownRuns } from "./resolve/known-runs.ts";
import type { ConsoleSettings } from "./settings.ts";
import { readVersion } from "./version.ts";

export interface ConsoleOptions {
  bus: Bus;
  store: Store;
  clock: Clock;
  /** For the ids of commands that people give. */
  ids: IdSource;
  /** Parsed by `consoleSettingsSchema`. */
  settings: ConsoleSettings;
  logger?: Logger;
  metrics?: MetricsSource;
  /** What `/api/status` shows besides bus and store. */
  parts?: readonly CheckedPart[];
  /** Asks the store when absent. */
  reader?: RunQueries;
  /** Public keys of the analyzer, to check an audit trail with; none when absent. */
  trustedKeys?: () => Promise<TrustedKeys["keys"]>;
}

export interface Console {
  /** @throws SetupError when the port can't be had */
  listen(): Promise<{ port: number }>;
  /** Ends the watches, lets requests in work end, closes the port. Bus and store stay open. */
  close(): Promise<void>;
}

function respondTo(error: unknown, context: ServerContext, logger: Logger): Response {
  const failure = failureOf(error);
  if (failure.unexpected) logger.error({ error, path: context.req.path }, "operator request failed");
  if (failure.retryAfterMs !== null) {
    context.header("retry-after", String(Math.ceil(failure.retryAfterMs / 1000)));
  }
  const { code, message } = failure;
  return context.json({ error: { code, message } } satisfies ApiError, failure.status);
}

function createApp(api: ApiContext, metrics: ConsoleMetrics): Hono<ServerEnvironment> {
  const app = new Hono<ServerEnvironment>();
  const { maxBodyBytes } = api.settings;
  app.use(async (context, next) => {
    await next();
    const route = context.res.status === 404 ? "other" : routePath(context, -1);
    metrics.answered({ method: context.req.method, route, status: context.res.status });
  });
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        const message = `The body has more than ${String(maxBodyBytes)} bytes.`;
        throw new RejectedError(message, { code: "BODY_TOO_LARGE" });
      },
    }),
  );
  app.onError((error, context) => respondTo(error, context, api.logger));
  app.notFound((context) => {
    const { method, path } = context.req;
    const message = `The operator API has no ${method} ${path}.`;
    return respondTo(new RejectedError(message, { code: "NOT_FOUND" }), context, api.logger);
  });
  addRunRoutes(app, api);
  addApprovalRoutes(app, api);
  addWatchRoutes(app, api);
  addFeedbackRoutes(app, api);
  addSqlRoutes(app, api);
  addAuditRoutes(app, api);
  return app;
}

/** The operator API over store and bus. */
export function createConsole(options: ConsoleOptions): Console {
  const {
    bus,
    store,
    clock,
    ids,
    settings,
    reader: queries = createRunQueries(options.store),
    logger = silentLogger,
    metrics = noMetrics,
    parts = [],
    trustedKeys = () => Promise.resolve([]),
  } = options;
  const knownRuns = createKnownRuns(bus);
  const closing = new AbortController();
  const { signal } = closing;
  const people = { logger, settings, queries, knownRuns, trustedKeys };
  const api: ApiContext = { bus, store, clock, ids, ...people, closing: signal };

  const app = createApp(api, createConsoleMetrics(metrics.meter("@plumbline/console")));
  addStatusRoutes(app, api, {
    version: readVersion(),
    startedAtMs: clock.nowMs(),
    parts: [
      { name: "bus", check: () => bus.check().then(() => "writable and readable") },
      { name: "store", check: () => store.check().then(() => "answers") },
      ...parts,
    ],
    scrape: () => metrics.scrape(),
  });
  const { host, port, requestTimeoutMs, drainMs } = settings;
  const server = createHttpServer({ app, host, port, requestTimeoutMs });

  return {
    async listen() {
      await knownRuns.start();
      const listening = await server.listen();
      logger.info({ host, port: listening }, "operator API listens");
      return { port: listening };
    },
    async close() {
      closing.abort(new Error("The console closes."));
      await knownRuns.close();
      await server.close(drainMs);
    },
  };
}
