import { tableMappings } from "../rows/tables.ts";

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

/** What people may read with SQL of their own. */
export const readableTables: ReadonlySet<string> = new Set([
  ...Object.keys(tableMappings).filter((name) => !hiddenTables.has(name)),
  "otel_traces_trace_id_ts",
  ...viewNames,
]);
