import type { TableItems, TableName } from "@plumbline/store";

/** Rows made of one record. */
export type Rows = { readonly [Name in TableName]?: readonly TableItems[Name][] };

const tablesOf = (rows: Rows): TableName[] => Object.keys(rows) as TableName[];

/** How many rows there are, of all tables. */
export function countOf(rows: Rows): number {
  let count = 0;
  for (const table of tablesOf(rows)) count += rows[table]?.length ?? 0;
  return count;
}

/** The rows of several records, in their order. */
export function mergeRows(records: readonly { rows: Rows; items: number }[]): Rows {
  const merged: Partial<Record<TableName, unknown[]>> = {};
  for (const { rows, items } of records) {
    if (items === 0) continue;
    for (const table of tablesOf(rows)) {
      const list = (merged[table] ??= []);
      for (const item of rows[table] ?? []) list.push(item);
    }
  }
  return merged as Rows;
}
