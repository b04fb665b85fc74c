import { type SystemStatus, messageOf } from "@plumbline/contracts";
import type { Hono } from "hono";
import type { ServerEnvironment } from "../http/http-bindings.ts";
import { type ApiContext, callerOf } from "./api-context.ts";

/** A part of the system that can say whether it works. */
export interface CheckedPart {
  name: string;
  /** Resolves with what to show; rejects with the reason why it does not work. */
  check: () => Promise<string>;
}

async function stateOf({ name, check }: CheckedPart): Promise<SystemStatus["parts"][number]> {
  try {
    return { name, healthy: true, detail: await check() };
  } catch (error) {
    return { name, healthy: false, detail: messageOf(error) };
  }
}

/** `/api/status` with the reasons, `/healthz` and `/readyz` for probes, `/metrics`. */
export function addStatusRoutes(
  app: Hono<ServerEnvironment>,
  api: ApiContext,
  about: {
    version: string;
    startedAtMs: number;
    parts: readonly CheckedPart[];
    scrape: () => Promise<string>;
  },
): void {
  const { version, startedAtMs, parts, scrape } = about;
  app.get("/api/status", async (context) => {
    callerOf(api, context, "viewer");
    const states = await Promise.all(parts.map((part) => stateOf(part)));
    return context.json({ version, startedAtMs, parts: states } satisfies SystemStatus);
  });
  app.get("/healthz", (context) => context.text("ok\n"));
  app.get("/readyz", async (context) => {
    const failed = (await Promise.all(parts.map((part) => stateOf(part)))).find((state) => !state.healthy);
    return failed === undefined ? context.text("ok\n") : context.text(`${failed.name} does not work\n`, 503);
  });
  app.get("/metrics", async (context) =>
    context.body(await scrape(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" }),
  );
}
