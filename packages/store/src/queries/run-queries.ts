import type {
  Approval,
  Checkpoint,
  Finding,
  Incident,
  RunDetail,
  RunStatus,
  RunSummary,
  Score,
  Step,
} from "@plumbline/contracts";
import type { Store } from "../store.ts";
import { withAcknowledgements } from "./acknowledgements.ts";
import { type ApprovalFilter, findApprovals } from "./approvals.ts";
import { detectorPrecision } from "./detector-precision.ts";
import { findIncident, incidentsOfRun } from "./incidents.ts";
import { type Selection, selectItems } from "./select-items.ts";
import { stepP95Ms } from "./step-p95.ts";

export interface RunReference {
  tenantId: string;
  runId: string;
}

/** What people look at. Everything is of one tenant and in its newest version. */
export interface RunQueries {
  /** Most recently seen first. */
  listRuns(filter: { tenantId: string; status: RunStatus | null; limit: number }): Promise<RunSummary[]>;
  /** Runs whose id or alias is, or begins with, the text; an exact one first. */
  findRuns(filter: { tenantId: string; prefix: string; limit: number }): Promise<RunSummary[]>;
  /** In their order, without retracted ones. */
  steps(run: RunReference): Promise<Step[]>;
  scores(run: RunReference): Promise<Score[]>;
  /** Oldest first. */
  findings(run: RunReference): Promise<Finding[]>;
  /** Oldest first, each with what the agent answered. */
  commands(run: RunReference): Promise<RunDetail["commands"]>;
  /** Raised at or after a time, oldest first. */
  findingsSince(filter: { tenantId: string; sinceMs: number; limit: number }): Promise<Finding[]>;
  /** Findings whose id is, or begins with, the text; an exact one first. */
  findFindings(filter: { tenantId: string; prefix: string; limit: number }): Promise<Finding[]>;
  /** Approvals with what came of them, the newest first; one whose id is exactly the wanted one before all others. */
  findApprovals(filter: ApprovalFilter): Promise<Approval[]>;
  /** Every phase of every checkpoint, in the order of their writing. */
  checkpoints(run: RunReference): Promise<Checkpoint[]>;
  /** Incidents that the run is part of, the newest first. */
  incidents(run: RunReference): Promise<Incident[]>;
  findIncident(incident: { tenantId: string; incidentId: string }): Promise<Incident | undefined>;
  /** What people said of the findings raised since a time, by kind. */
  precision(filter: { tenantId: string; sinceMs: number }): Promise<RunDetail["precision"]>;
  /** 95th percentile of the duration of ended steps by that name, in milliseconds; null when fewer than five are known. */
  stepP95Ms(filter: { tenantId: string; name: string }): Promise<number | null>;
}

const ofRun = "WHERE TenantId = {tenantId:String} AND RunId = {runId:String}";
const ofTenant = "WHERE TenantId = {tenantId:String}";

function runSelection({ tenantId, runId }: RunReference, rest: string): Selection {
  return { clauses: `${ofRun} ${rest}`, parameters: { tenantId, runId } };
}

async function commandsOf(store: Store, run: RunReference): Promise<RunDetail["commands"]> {
  const [commands, directives, acks] = await Promise.all([
    selectItems(store, "commands", runSelection(run, "")),
    selectItems(store, "directives", runSelection(run, "")),
    selectItems(store, "acks", runSelection(run, "")),
  ]);
  return withAcknowledgements(commands, directives, acks);
}

/** The questions that the console asks, over any store. */
export function createRunQueries(store: Store): RunQueries {
  return {
    listRuns: ({ tenantId, status, limit }) =>
      selectItems(store, "runs", {
        clauses: `${ofTenant} AND ({status:String} = '' OR Status = {status:String})
          ORDER BY LastSeenAt DESC, RunId LIMIT {limit:UInt32}`,
        parameters: { tenantId, status: status ?? "", limit },
      }),
    findRuns: (filter) =>
      selectItems(store, "runs", {
        clauses: `${ofTenant} AND (startsWith(RunId, {prefix:String}) OR arrayExists(id -> startsWith(id, {prefix:String}), Aliases))
          ORDER BY RunId = {prefix:String} OR has(Aliases, {prefix:String}) DESC, LastSeenAt DESC, RunId LIMIT {limit:UInt32}`,
        parameters: filter,
      }),
    steps: (run) =>
      selectItems(store, "steps", runSelection(run, "AND NOT Retracted ORDER BY Sequence, StepId")),
    scores: (run) => selectItems(store, "scores", runSelection(run, "ORDER BY Sequence, Name")),
    findings: (run) => selectItems(store, "findings", runSelection(run, "ORDER BY FirstAt, FindingId")),
    commands: (run) => commandsOf(store, run),
    findingsSince: (filter) =>
      selectItems(store, "findings", {
        clauses: `${ofTenant} AND RaisedAt >= fromUnixTimestamp64Milli({sinceMs:Int64})
          ORDER BY RaisedAt, FindingId LIMIT {limit:UInt32}`,
        parameters: { ...filter, sinceMs: Math.trunc(filter.sinceMs) },
      }),
    findFindings: (filter) =>
      selectItems(store, "findings", {
        clauses: `${ofTenant} AND startsWith(FindingId, {prefix:String}) ORDER BY length(FindingId), FindingId LIMIT {limit:UInt32}`,
        parameters: filter,
      }),
    findApprovals: (filter) => findApprovals(store, filter),
    checkpoints: (run) =>
      selectItems(store, "checkpoints", runSelection(run, "ORDER BY WrittenAt, CheckpointId, Phase")),
    incidents: (run) => incidentsOfRun(store, run),
    findIncident: (incident) => findIncident(store, incident),
    precision: (filter) => detectorPrecision(store, filter),
    stepP95Ms: (filter) => stepP95Ms(store, filter),
  };
}
