import type { RowFilters } from "../engine/row-filters.ts";
import { quotedText } from "../engine/sql-text.ts";
import { databaseName, tableMappings } from "../rows/tables.ts";

/** Views that answer the questions people ask. */
export const viewNames = [
  "v_run_summary",
  "v_tool_reliability",
  "v_loop_cost",
  "v_failure_patterns",
  "v_intervention_rate",
  "v_detector_precision",
  "v_hidden_failures",
  "v_time_to_stop",
  "v_incidents",
  "v_approvals",
] as const;

/** Contents of tool calls are for administrators, by the audit API. */
const hiddenTables: ReadonlySet<string> = new Set(["audit_log"]);

/** Its rows say of which trace they are, not of which tenant. */
const tenantlessTable = "otel_traces_trace_id_ts";

/** What people may read with SQL of their own. */
export const readableTables: ReadonlySet<string> = new Set([
  ...Object.keys(tableMappings).filter((name) => !hiddenTables.has(name)),
  tenantlessTable,
  ...viewNames,
]);

/** What a person may read, and which rows of it. */
export interface ReadScope {
  tables: ReadonlySet<string>;
  rowFilters: RowFilters | undefined;
}

/** Everything, or what is of one tenant. */
export function readScope(tenantId: string | undefined): ReadScope {
  if (tenantId === undefined) return { tables: readableTables, rowFilters: undefined };
  const condition = `TenantId = ${quotedText(tenantId)}`;
  // Views read what may not be read by itself.
  const filters = Object.keys(tableMappings).map((table) => [`${databaseName}.${table}`, condition]);
  const tables = new Set([...readableTables].filter((name) => name !== tenantlessTable));
  return { tables, rowFilters: Object.fromEntries(filters) as RowFilters };
}
