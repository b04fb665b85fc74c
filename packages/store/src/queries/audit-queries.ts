import type { SignedAuditHead, StoredCompliance, StoredTechnical } from "@plumbline/contracts";
import { databaseName } from "../rows/tables.ts";
import type { Store } from "../store.ts";
import { selectItems } from "./select-items.ts";

export interface AuditPage {
  tenantId: string;
  runId: string;
  /** Goes on behind this row; empty, 0 and empty begin. A chain may hold two rows with one number, if somebody put them there. */
  chainId: string;
  afterSequence: number;
  afterHash: string;
  limit: number;
}

/** The audit trail as it stands in the tables, page by page. Everything is of one tenant. */
export interface AuditQueries {
  /** Runs that have any record, in the order of their ids, behind a given one. */
  runIds(filter: { tenantId: string; after: string; limit: number }): Promise<string[]>;
  /** By chain and sequence. */
  compliance(page: AuditPage): Promise<StoredCompliance[]>;
  technical(page: AuditPage): Promise<StoredTechnical[]>;
  /** By ledger and index, behind a given entry. */
  heads(filter: {
    tenantId: string;
    ledger: number;
    afterIndex: number;
    limit: number;
  }): Promise<SignedAuditHead[]>;
  /** How many tool calls of a run have a record, and how many of them the analyzer countersigned. */
  summary(run: { tenantId: string; runId: string }): Promise<{ records: number; countersigned: number }>;
}

const pageClauses = `WHERE TenantId = {tenantId:String} AND RunId = {runId:String}
  AND (ChainId, Sequence, Hash) > ({chainId:String}, {afterSequence:UInt64}, {afterHash:String}) ORDER BY ChainId, Sequence, Hash LIMIT {limit:UInt32}`;

async function runIdsOf(store: Store, filter: { tenantId: string; after: string; limit: number }) {
  const ofTable = (table: string): string =>
    `SELECT RunId FROM ${databaseName}.${table} WHERE TenantId = {tenantId:String} AND RunId > {after:String}`;
  const rows = await store.query<{ RunId: string }>({
    sql: `SELECT DISTINCT RunId FROM (${ofTable("tool_calls_audit")} UNION ALL ${ofTable("audit_log")})
      ORDER BY RunId LIMIT {limit:UInt32}`,
    parameters: filter,
  });
  return rows.map((row) => row.RunId);
}

async function summaryOf(store: Store, run: { tenantId: string; runId: string }) {
  const countIn = (table: string): string =>
    `(SELECT count() FROM ${databaseName}.${table} FINAL WHERE TenantId = {tenantId:String} AND RunId = {runId:String})`;
  const [row] = await store.query<{ records: string; countersigned: string }>({
    sql: `SELECT ${countIn("tool_calls_audit")} AS records, ${countIn("audit_heads")} AS countersigned`,
    parameters: run,
  });
  return { records: Number(row?.records ?? 0), countersigned: Number(row?.countersigned ?? 0) };
}

/** The questions that an audit asks, over any store. */
export function createAuditQueries(store: Store): AuditQueries {
  return {
    runIds: (filter) => runIdsOf(store, filter),
    compliance: (page) =>
      selectItems(store, "tool_calls_audit", { clauses: pageClauses, parameters: { ...page } }),
    technical: (page) => selectItems(store, "audit_log", { clauses: pageClauses, parameters: { ...page } }),
    heads: (filter) =>
      selectItems(store, "audit_heads", {
        clauses: `WHERE TenantId = {tenantId:String} AND (Ledger, Entry) > ({ledger:UInt32}, {afterIndex:UInt64})
          ORDER BY Ledger, Entry LIMIT {limit:UInt32}`,
        parameters: filter,
      }),
    summary: (run) => summaryOf(store, run),
  };
}
