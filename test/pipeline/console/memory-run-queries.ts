import { RetryableError } from "@plumbline/contracts";
import type { RunQueries } from "@plumbline/store";
import type { Approval, Finding, RunDetail, RunSummary, Score, Step } from "@plumbline/contracts";

/** What a memory reader holds; change it to change what the console sees. */
export interface MemoryRows {
  runs: RunSummary[];
  steps: Step[];
  scores: Score[];
  findings: Finding[];
  approvals: Approval[];
  commands: RunDetail["commands"];
  /** True while nothing can be read. */
  isAway: boolean;
}

export const noRows = (): MemoryRows => ({
  runs: [],
  steps: [],
  scores: [],
  findings: [],
  approvals: [],
  commands: [],
  isAway: false,
});

/** Reads from arrays what the real one reads from the store. */
export function createMemoryRunQueries(rows: MemoryRows): RunQueries {
  const ofRun =
    (run: { tenantId: string; runId: string }) =>
    (row: { tenantId: string; runId: string }): boolean =>
      row.tenantId === run.tenantId && row.runId === run.runId;
  const given = <Value>(value: Value): Promise<Value> =>
    rows.isAway
      ? Promise.reject(new RetryableError("No database answers.", { code: "STORE_UNAVAILABLE" }))
      : Promise.resolve(value);
  return {
    listRuns: ({ tenantId, status, limit }) =>
      given(
        rows.runs
          .filter((run) => run.tenantId === tenantId && (status === null || run.status === status))
          .toSorted((a, b) => b.lastSeenAtMs - a.lastSeenAtMs)
          .slice(0, limit),
      ),
    findRuns: ({ tenantId, prefix, limit }) =>
      given(
        rows.runs
          .filter((run) => run.tenantId === tenantId)
          .filter((run) => [run.runId, ...run.aliases].some((id) => id.startsWith(prefix)))
          .toSorted((a, b) => Number(b.runId === prefix) - Number(a.runId === prefix))
          .slice(0, limit),
      ),
    steps: (run) => given(rows.steps.filter(ofRun(run))),
    scores: (run) => given(rows.scores.filter(ofRun(run))),
    findings: (run) => given(rows.findings.filter(ofRun(run))),
    commands: () => given(rows.commands),
    findingsSince: ({ tenantId, sinceMs, limit }) =>
      given(
        rows.findings.filter((row) => row.tenantId === tenantId && row.raisedAtMs >= sinceMs).slice(0, limit),
      ),
    findFindings: ({ tenantId, prefix, limit }) =>
      given(
        rows.findings
          .filter((row) => row.tenantId === tenantId && row.findingId.startsWith(prefix))
          .toSorted((a, b) => a.findingId.length - b.findingId.length)
          .slice(0, limit),
      ),
    findApprovals: ({ tenantId, runId, prefix, pendingOnly, limit }) =>
      given(
        rows.approvals
          .filter(
            ({ request }) => request.tenantId === tenantId && (runId ?? request.runId) === request.runId,
          )
          .filter(({ request, status }) => {
            const isWanted = !pendingOnly || status === "pending";
            return isWanted && request.approvalId.startsWith(prefix ?? "");
          })
          .slice(0, limit),
      ),
    checkpoints: () => given([]),
    precision: () => given({ "exact-loop": { right: 3, falseAlarm: 1 } }),
    stepP95Ms: () => given(400),
    incidents: () => given([]),
    findIncident: () => given(undefined),
  };
}
