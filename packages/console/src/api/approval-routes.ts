import {
  type Approval,
  type ApprovalAnswer,
  type ApprovalList,
  type CommandRequest,
  RejectedError,
  type TenantId,
  approvalAnswerSchema,
  changeHeader,
} from "@plumbline/contracts";
import type { RunQueries } from "@plumbline/store";
import type { Hono } from "hono";
import { z } from "zod";
import { requireChangeHeader } from "../access.ts";
import { issueCommand } from "../command/issue-command.ts";
import type { ServerEnvironment } from "../http/http-bindings.ts";
import { resolveRun } from "../resolve/resolve-run.ts";
import { resolveTarget } from "../resolve/resolve-target.ts";
import { type ApiContext, callerOf, check, readJson } from "./api-context.ts";

const listQuerySchema = z.object({
  run: z.string().nullable().default(null),
  pending: z.stringbool().default(true),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
});

async function resolveApproval(queries: RunQueries, tenantId: TenantId, text: string): Promise<Approval> {
  const filter = { tenantId, runId: null, prefix: text, pendingOnly: false, limit: 2 };
  const [first, second] = text === "" ? [] : await queries.findApprovals(filter);
  if (first === undefined) {
    throw new RejectedError(`No approval is called "${text}".`, {
      code: "APPROVAL_UNKNOWN",
      mend: "'plumbline approvals' lists what waits for an answer.",
    });
  }
  if (second === undefined || first.request.approvalId === text) return first;
  throw new RejectedError(`More than one approval begins with "${text}".`, {
    code: "APPROVAL_AMBIGUOUS",
    mend: "Give more of its id.",
  });
}

function requestOf(answer: ApprovalAnswer, approvalId: string): CommandRequest {
  const { message } = answer;
  return answer.decision === "approve"
    ? { verb: "approve", approvalId, message, editedArguments: answer.editedArguments }
    : { verb: "deny", approvalId, message };
}

/** What agents ask people, and the answers. */
export function addApprovalRoutes(app: Hono<ServerEnvironment>, api: ApiContext): void {
  const { queries } = api;
  app.get("/api/approvals", async (context) => {
    const { tenantId } = callerOf(api, context, "viewer");
    const { run, pending, limit } = check(listQuerySchema, context.req.query());
    const runId = run === null ? null : (await resolveRun(queries, tenantId, run)).runId;
    const filter = { tenantId, runId, prefix: null, pendingOnly: pending, limit };
    return context.json({ approvals: await queries.findApprovals(filter) } satisfies ApprovalList);
  });
  app.post("/api/approvals/:approval", async (context) => {
    const caller = callerOf(api, context, "operator");
    requireChangeHeader(context.req.header(changeHeader));
    const answer = await readJson(context, approvalAnswerSchema);
    const { request } = await resolveApproval(queries, caller.tenantId, context.req.param("approval"));
    const command = requestOf(answer, request.approvalId);
    const { tenantId } = caller;
    const target = await resolveTarget(api, { tenantId, text: request.runId, verb: command.verb });
    return context.json(await issueCommand(api, target, { request: command, caller }), 202);
  });
}
