import type { Engine } from "../engine/engine.ts";
import { databaseName } from "../rows/tables.ts";
import type { TableEngines } from "./table-engines.ts";

/** A month of raw telemetry, a quarter of steps, thirteen months of what was concluded and done, the audit trail for ever. */
export const defaultRetentionDays = {
  otel_traces: 30,
  otel_logs: 30,
  steps: 90,
  scores: 90,
  checkpoints: 90,
  runs: 400,
  findings: 400,
  feedback: 400,
  commands: 400,
  directives: 400,
  acks: 400,
  approvals: 400,
  /** All parts of the audit trail: a chain that lost one of them could not be verified. */
  audit: null,
} as const;

/** Per table, for how many days from when it was stored a row is kept; null keeps it for ever. */
export type RetentionDays = Readonly<Record<keyof typeof defaultRetentionDays, number | null>>;

/** The tables that are kept for as long as the one they are named with. */
const together: Readonly<Record<string, readonly string[]>> = {
  otel_traces: ["otel_traces", "otel_traces_trace_id_ts"],
  audit: ["tool_calls_audit", "audit_log", "audit_heads"],
};

const ttlPattern = / TTL (.+?)(?: SETTINGS |$)/;
const ttlOf = (days: number): string => `toDateTime(InsertedAt) + toIntervalDay(${String(days)})`;

/** Has the database drop what is older; a table that does so already is left alone. Fails with a DatabaseError. */
export async function applyRetention(
  engine: Pick<Engine, "command">,
  tables: TableEngines,
  retention: RetentionDays,
): Promise<void> {
  for (const [name, days] of Object.entries(retention)) {
    const wanted = days === null ? null : ttlOf(days);
    const change = wanted === null ? "REMOVE TTL" : `MODIFY TTL ${wanted}`;
    for (const table of together[name] ?? [name]) {
      const full = tables.get(table);
      if (full !== undefined && (ttlPattern.exec(full)?.[1] ?? null) !== wanted)
        await engine.command(`ALTER TABLE ${databaseName}.${table} ${change}`);
    }
  }
}
