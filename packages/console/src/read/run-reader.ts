import type {
  ApprovalRequest,
  Finding,
  RunDetail,
  RunId,
  RunStatus,
  RunSummary,
  Score,
  Step,
  TenantId,
} from "@plumbline/contracts";

export interface RunRef {
  tenantId: TenantId;
  runId: RunId;
}

/** What the console reads. Everything is of one tenant. */
export interface RunReader {
  /** Most recently seen first. */
  listRuns(filter: { tenantId: TenantId; status: RunStatus | null; limit: number }): Promise<RunSummary[]>;
  /** Runs whose id or alias is, or begins with, the text; an exact one first. */
  findRuns(filter: { tenantId: TenantId; prefix: string; limit: number }): Promise<RunSummary[]>;
  steps(run: RunRef): Promise<Step[]>;
  scores(run: RunRef): Promise<Score[]>;
  findings(run: RunRef): Promise<Finding[]>;
  commands(run: RunRef): Promise<RunDetail["commands"]>;
  /** Raised at or after a time, oldest first. */
  findingsSince(filter: { tenantId: TenantId; sinceMs: number; limit: number }): Promise<Finding[]>;
  findFindings(filter: { tenantId: TenantId; prefix: string; limit: number }): Promise<Finding[]>;
  approval(run: RunRef, approvalId: string): Promise<ApprovalRequest | undefined>;
  /** What people said of the findings raised since a time, by kind. */
  precision(filter: { tenantId: TenantId; sinceMs: number }): Promise<RunDetail["precision"]>;
  /** 95th percentile of the duration of ended steps by that name; null when too few are known. */
  stepP95Ms(filter: { tenantId: TenantId; name: string }): Promise<number | null>;
}
