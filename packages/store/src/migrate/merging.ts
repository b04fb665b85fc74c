import type { Engine } from "../engine/engine.ts";
import { databaseName } from "../rows/tables.ts";
import type { TableEngines } from "./table-engines.ts";

/** The tables that nearly all rows go to. */
const bulkTables = ["otel_traces", "otel_traces_trace_id_ts", "otel_logs", "steps", "scores", "runs"];

/**
 * How many parts of about the same size the database waits for before it makes one of them. By its default of 5 every row is
 * written so often again that merging costs more than inserting; by this one a good deal less, at twice the parts.
 */
const setting = "merge_selector_base";
const value = 10;

/** Has the database merge the large tables less often; one that has no such setting, or was told, is left alone. */
export async function applyMerging(
  engine: Pick<Engine, "command" | "query">,
  tables: TableEngines,
): Promise<void> {
  const untold = bulkTables.filter((name) => tables.get(name)?.includes(`${setting} = `) === false);
  if (untold.length === 0) return;
  const sql = `SELECT name FROM system.merge_tree_settings WHERE name = '${setting}'`;
  const known = await engine.query({ role: "writer", sql, format: "JSONEachRow" });
  if (known.trim() === "") return;
  for (const name of untold)
    await engine.command(`ALTER TABLE ${databaseName}.${name} MODIFY SETTING ${setting} = ${String(value)}`);
}
