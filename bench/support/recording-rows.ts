import type { Store, TableItems, TableName } from "@plumbline/store";
import { createDiscardingStore } from "./discarding-store.ts";

/** Rows in the order in which they were inserted, by table. */
export type RecordedRows = { [Name in TableName]?: TableItems[Name][] };

/** A store that keeps what it is given, so that it can be inserted somewhere else. */
export function createRecordingRows(): { store: Store; rows: RecordedRows } {
  const rows: RecordedRows = {};
  const store: Store = {
    ...createDiscardingStore(),
    insert<Name extends TableName>(table: Name, items: readonly TableItems[Name][]) {
      const kept: TableItems[Name][] = rows[table] ?? [];
      for (const item of items) kept.push(item);
      Object.assign(rows, { [table]: kept });
      return Promise.resolve({ inserted: items.length, rejected: [] });
    },
  };
  return { store, rows };
}
