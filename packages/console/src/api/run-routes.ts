import {
  RejectedError,
  type RunDetail,
  type RunList,
  type RunSummary,
  changeHeader,
  commandRequestSchema,
  runStatusSchema,
} from "@plumbline/contracts";
import { type RunQueries, createAuditQueries } from "@plumbline/store";
import type { Hono } from "hono";
import { z } from "zod";
import { requireChangeHeader } from "../access.ts";
import { issueCommand } from "../command/issue-command.ts";
import type { ServerEnvironment } from "../http/http-bindings.ts";
import { resolveRun } from "../resolve/resolve-run.ts";
import { resolveTarget } from "../resolve/resolve-target.ts";
import { type ApiContext, callerOf, check, readJson } from "./api-context.ts";

const listQuerySchema = z.object({
  status: runStatusSchema.nullable().default(null),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

const shownApprovals = 100;
const precisionWindowMs = 30 * 86_400_000;

async function detailOf(queries: RunQueries, run: RunSummary, nowMs: number): Promise<RunDetail> {
  const { tenantId, runId, openStep } = run;
  const approvalFilter = { tenantId, runId, prefix: null, pendingOnly: false, limit: shownApprovals };
  const [steps, findings, scores, commands, approvals, checkpoints, incidents, precision, openStepP95Ms] =
    await Promise.all([
      queries.steps(run),
      queries.findings(run),
      queries.scores(run),
      queries.commands(run),
      queries.findApprovals(approvalFilter),
      queries.checkpoints(run),
      queries.incidents(run),
      queries.precision({ tenantId, sinceMs: nowMs - precisionWindowMs }),
      openStep === null ? null : queries.stepP95Ms({ tenantId, name: openStep.name }),
    ]);
  return {
    run,
    steps,
    findings,
    scores,
    commands,
    approvals,
    checkpoints,
    incidents,
    precision,
    openStepP95Ms,
  };
}

/** Runs: list, detail, commands. */
export function addRunRoutes(app: Hono<ServerEnvironment>, api: ApiContext): void {
  const { queries, clock } = api;
  const auditQueries = createAuditQueries(api.store);
  app.get("/api/runs", async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    const filter = check(listQuerySchema, context.req.query());
    const runs = await queries.listRuns({ tenantId, ...filter });
    return context.json({ runs } satisfies RunList);
  });
  app.get("/api/runs/:run", async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    const run = await resolveRun(queries, tenantId, context.req.param("run"));
    const [detail, audit] = await Promise.all([
      detailOf(queries, run, clock.nowMs()),
      auditQueries.summary(run),
    ]);
    return context.json({ ...detail, ...(audit.records === 0 ? {} : { audit }) } satisfies RunDetail);
  });
  app.get("/api/incidents/:incident", async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    const incidentId = context.req.param("incident");
    const incident = await queries.findIncident({ tenantId, incidentId });
    if (incident === undefined) {
      throw new RejectedError(`No incident is called "${incidentId}".`, { code: "INCIDENT_UNKNOWN" });
    }
    return context.json(incident);
  });
  app.post("/api/runs/:run/commands", async (context) => {
    const caller = callerOf(api, context, "operator");
    requireChangeHeader(context.req.header(changeHeader));
    const request = await readJson(context, commandRequestSchema);
    const { tenantId } = caller;
    const target = await resolveTarget(api, {
      tenantId,
      text: context.req.param("run"),
      verb: request.verb,
    });
    return context.json(await issueCommand(api, target, { request, caller }), 202);
  });
}
