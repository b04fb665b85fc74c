import type { Store } from "@plumbline/store";

/** A store that forgets: what is measured above it costs no database. */
export function createDiscardingStore(): Store {
  return {
    insert: (_table, items) => Promise.resolve({ inserted: items.length, rejected: [] }),
    migrate: () => Promise.resolve(),
    query: () => Promise.resolve([]),
    queryUntrusted: () => Promise.resolve({ columns: [], rows: [], truncated: false, elapsedMs: 0 }),
    check: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
