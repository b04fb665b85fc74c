import { sqlRequestSchema } from "@plumbline/contracts";
import type { Hono } from "hono";
import { sqlTenant } from "../access.ts";
import type { ServerEnvironment } from "../http/http-bindings.ts";
import { type ApiContext, callerOf, readJson } from "./api-context.ts";

/** One SELECT over our tables, as a person wrote it. */
export function addSqlRoutes(app: Hono<ServerEnvironment>, api: ApiContext): void {
  app.post("/api/sql", async (context) => {
    const caller = callerOf(api, context, "viewer");
    const { query } = await readJson(context, sqlRequestSchema);
    return context.json(await api.store.queryUntrusted(query, sqlTenant(api.settings.tokens, caller)));
  });
}
