import type { Engine } from "../engine/engine.ts";
import { parseRows } from "../engine/parse-rows.ts";
import { databaseName } from "../rows/tables.ts";

/** By table, how it is kept: engine, order, time to live and settings, as the database says it. */
export type TableEngines = ReadonlyMap<string, string>;

export async function tableEngines(engine: Pick<Engine, "query">): Promise<TableEngines> {
  const sql = `SELECT name, engine_full FROM system.tables WHERE database = '${databaseName}'`;
  const text = await engine.query({ role: "writer", sql, format: "JSONEachRow" });
  const tables = parseRows<{ name: string; engine_full: string }>(text);
  return new Map(tables.map(({ name, engine_full: full }) => [name, full]));
}
