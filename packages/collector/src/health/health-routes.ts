import { messageOf } from "@plumbline/contracts";
import type { Hono } from "hono";
import type { ServerEnvironment } from "../http/http-bindings.ts";
import { type ProcessMetrics, metricsContentType } from "../metrics.ts";

export interface HealthOptions {
  metrics: ProcessMetrics;
  /** Rejects with the reason while requests could not be served. */
  readonly checkReady: () => Promise<void>;
}

/** Adds `/healthz` (the process answers), `/readyz` (it can do its work) and `/metrics`; open to probes, they tell no content. */
export function addHealthRoutes(app: Hono<ServerEnvironment>, { metrics, checkReady }: HealthOptions): void {
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", async (context) => {
    try {
      await checkReady();
      return context.text("ok\n");
    } catch (error) {
      return context.text(`${messageOf(error)}\n`, 503);
    }
  });
  app.get("/metrics", async (context) =>
    context.body(await metrics.scrape(), 200, { "content-type": metricsContentType }),
  );
}
