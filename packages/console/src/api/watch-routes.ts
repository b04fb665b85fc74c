import { RetryableError, type WatchEvent } from "@plumbline/contracts";
import type { Hono } from "hono";
import { streamSSE } from "hono/streaming";
import type { ServerEnvironment } from "../http/http-bindings.ts";
import { resolveRun } from "../resolve/resolve-run.ts";
import { watchChanges } from "../watch/changes.ts";
import { type ApiContext, callerOf } from "./api-context.ts";

async function runIdOf(api: ApiContext, tenantId: string, text: string | undefined): Promise<string | null> {
  return text === undefined || text === "" ? null : (await resolveRun(api.queries, tenantId, text)).runId;
}

function tooMany(): RetryableError {
  return new RetryableError("As many watch as may.", { code: "TOO_MANY_WATCHERS", retryAfterMs: 5000 });
}

/** Changes of runs, findings and (for one run) steps and scores as server-sent events. */
export function addWatchRoutes(app: Hono<ServerEnvironment>, api: ApiContext): void {
  const { queries, clock, settings, closing } = api;
  let watchers = 0;
  app.get("/api/watch", async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    const runId = await runIdOf(api, tenantId, context.req.query("run"));
    if (watchers >= settings.maxWatchers) throw tooMany();
    watchers += 1;
    return streamSSE(context, async (stream) => {
      const gone = new AbortController();
      stream.onAbort(() => gone.abort());
      const signal = AbortSignal.any([gone.signal, closing]);
      const send = (event: WatchEvent): Promise<void> =>
        stream.writeSSE({ event: event.type, data: JSON.stringify(event) });
      try {
        await stream.write(": plumbline watch\n\n");
        const intervalMs = settings.watchIntervalMs;
        for await (const event of watchChanges({ queries, clock, tenantId, runId, intervalMs, signal }))
          await send(event);
      } finally {
        watchers -= 1;
      }
    });
  });
}
