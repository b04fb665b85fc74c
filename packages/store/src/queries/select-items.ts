import type { TableMapping } from "../rows/table-mapping.ts";
import { databaseName, tableMappings } from "../rows/tables.ts";
import type { Row } from "../rows/row.ts";
import type { Store, TableItems, TableName } from "../store.ts";

export interface Selection {
  /** Condition, order and limit; fixed text with `{name:Type}` for what varies. */
  clauses: string;
  parameters: Readonly<Record<string, unknown>>;
}

/** Items of a table in their newest version. */
export async function selectItems<Name extends TableName>(
  store: Store,
  table: Name,
  { clauses, parameters }: Selection,
): Promise<TableItems[Name][]> {
  const mapping: TableMapping<TableItems[Name]> = tableMappings[table];
  const sql = `SELECT * FROM ${databaseName}.${table} FINAL ${clauses}`;
  const rows = await store.query<Row>({ sql, parameters });
  return rows.map((row) => mapping.fromRow(row));
}
