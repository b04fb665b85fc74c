import type { InsertResult, Store, TableItems, TableName } from "@plumbline/store";

/** A store for tests of everything above the tables: remembers what was inserted, drops a token it has seen. */
export interface RecordingStore extends Store {
  items<Name extends TableName>(table: Name): TableItems[Name][];
}

export function createRecordingStore(): RecordingStore {
  const tables = new Map<TableName, unknown[]>();
  const tokens = new Set<string>();

  function insert<Name extends TableName>(
    table: Name,
    items: readonly TableItems[Name][],
    token: string,
  ): Promise<InsertResult> {
    if (!tokens.has(token)) tables.set(table, [...(tables.get(table) ?? []), ...items]);
    tokens.add(token);
    return Promise.resolve({ inserted: items.length, rejected: [] });
  }

  return {
    items: <Name extends TableName>(table: Name) => (tables.get(table) ?? []) as TableItems[Name][],
    insert,
    migrate: () => Promise.resolve(),
    query: () => Promise.resolve([]),
    queryUntrusted: () => Promise.resolve({ columns: [], rows: [], truncated: false, elapsedMs: 0 }),
    check: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
