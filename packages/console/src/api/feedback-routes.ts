import {
  type Feedback,
  type Finding,
  RejectedError,
  type TenantId,
  changeHeader,
  derivedId,
  feedbackRequestSchema,
} from "@plumbline/contracts";
import type { RunQueries } from "@plumbline/store";
import type { Hono } from "hono";
import { requireChangeHeader } from "../access.ts";
import type { ServerEnvironment } from "../http/http-bindings.ts";
import { type ApiContext, callerOf, readJson } from "./api-context.ts";

async function resolveFinding(queries: RunQueries, tenantId: TenantId, text: string): Promise<Finding> {
  const found = text === "" ? [] : await queries.findFindings({ tenantId, prefix: text, limit: 2 });
  const [first, second] = found;
  if (first === undefined) {
    throw new RejectedError(`No finding is called "${text}".`, {
      code: "FINDING_UNKNOWN",
      mend: "'plumbline show RUN' lists the findings of a run.",
    });
  }
  if (second === undefined || first.findingId === text) return first;
  throw new RejectedError(`More than one finding begins with "${text}".`, {
    code: "FINDING_AMBIGUOUS",
    mend: "Give more of its id.",
  });
}

/** What a person says of a finding: kept as a row, and counted in its detector's precision. */
export function addFeedbackRoutes(app: Hono<ServerEnvironment>, api: ApiContext): void {
  app.post("/api/findings/:finding/feedback", async (context) => {
    const caller = callerOf(api, context, "operator");
    requireChangeHeader(context.req.header(changeHeader));
    const { verdict, comment } = await readJson(context, feedbackRequestSchema);
    const finding = await resolveFinding(api.queries, caller.tenantId, context.req.param("finding"));
    const { tenantId, findingId, runId } = finding;
    const by = `user:${caller.name}`;
    const atMs = api.clock.nowMs();
    const feedback: Feedback = { version: 1, tenantId, findingId, runId, verdict, by, comment, atMs };
    await api.store.insert("feedback", [feedback], derivedId("fb", [tenantId, findingId, by, atMs, verdict]));
    return context.json(feedback, 201);
  });
}
