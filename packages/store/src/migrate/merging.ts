import type { Engine } from "../engine/engine.ts";
import { parseRows } from "../engine/parse-rows.ts";
import { databaseName } from "../rows/tables.ts";

/** The tables that nearly all rows go to. */
const bulkTables = new Set([
  "otel_traces",
  "otel_traces_trace_id_ts",
  "otel_logs",
  "steps",
  "scores",
  "runs",
]);

/**
 * How many parts of about the same size the database waits for before it makes one of them. By its default of 5 every row is
 * written so often again that merging costs more than inserting; by this one a good deal less, at twice the parts.
 */
const setting = { name: "merge_selector_base", value: "10" };

async function rowsOf<Row>(engine: Engine, sql: string): Promise<Row[]> {
  return parseRows<Row>(await engine.query({ role: "writer", sql, format: "JSONEachRow" }));
}

/** Has the database merge the large tables less often; one that has no such setting, or was told, is left alone. */
export async function applyMerging(engine: Engine): Promise<void> {
  const known = `SELECT name FROM system.merge_tree_settings WHERE name = '${setting.name}'`;
  if ((await rowsOf(engine, known)).length === 0) return;
  const tables = await rowsOf<{ name: string; engine_full: string }>(
    engine,
    `SELECT name, engine_full FROM system.tables WHERE database = '${databaseName}'`,
  );
  for (const { name, engine_full: full } of tables) {
    if (bulkTables.has(name) && !full.includes(`${setting.name} = `))
      await engine.command(
        `ALTER TABLE ${databaseName}.${name} MODIFY SETTING ${setting.name} = ${setting.value}`,
      );
  }
}
