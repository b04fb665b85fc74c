import type { Approval } from "@plumbline/contracts";
import { databaseName } from "../rows/tables.ts";
import type { Store } from "../store.ts";
import { selectItems } from "./select-items.ts";

interface AnswerRow {
  runId: string;
  approvalId: string;
  status: Approval["status"];
  decidedBy: string;
  decidedAtMs: string | null;
  message: string;
  editedArguments: string | null;
  acknowledged: boolean;
}

/** Which approvals to find: of one run, or those whose id is, or begins with, a text; null for any. */
export interface ApprovalFilter {
  tenantId: string;
  runId: string | null;
  prefix: string | null;
  pendingOnly: boolean;
  limit: number;
}

const sql = `
  SELECT RunId AS runId, ApprovalId AS approvalId, Status AS status, DecidedBy AS decidedBy,
    toUnixTimestamp64Milli(DecidedAt) AS decidedAtMs, Message AS message, EditedArguments AS editedArguments,
    Acknowledged AS acknowledged
  FROM ${databaseName}.v_approvals
  WHERE TenantId = {tenantId:String} AND ({runId:String} = '' OR RunId = {runId:String})
    AND startsWith(ApprovalId, {prefix:String}) AND (NOT {pendingOnly:Bool} OR Status = 'pending')
  ORDER BY ApprovalId = {prefix:String} DESC, RequestedAt DESC, ApprovalId LIMIT {limit:UInt32}`;

/** Approvals with what came of them, the newest first; one whose id is exactly the text before all others. */
export async function findApprovals(store: Store, filter: ApprovalFilter): Promise<Approval[]> {
  const { tenantId, pendingOnly, limit } = filter;
  const parameters = { tenantId, runId: filter.runId ?? "", prefix: filter.prefix ?? "", pendingOnly, limit };
  const answers = await store.query<AnswerRow>({ sql, parameters });
  if (answers.length === 0) return [];
  const requests = await selectItems(store, "approvals", {
    clauses: "WHERE TenantId = {tenantId:String} AND ApprovalId IN {ids:Array(String)}",
    parameters: { tenantId, ids: answers.map(({ approvalId }) => approvalId) },
  });
  return answers.flatMap(({ runId, approvalId, decidedAtMs, acknowledged, ...rest }) => {
    const request = requests.find((one) => one.approvalId === approvalId && one.runId === runId);
    if (request === undefined) return [];
    const at = decidedAtMs === null ? null : Number(decidedAtMs);
    return [{ request, ...rest, decidedAtMs: at, acknowledged: Boolean(acknowledged) }];
  });
}
