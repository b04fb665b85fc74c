import type { Store } from "../store.ts";

/** Opens the same database again and again. */
export interface StoreHarness {
  open(): Promise<Store>;
  /** Ends what stands behind the stores. */
  dispose(): Promise<void>;
}

/** The store of the running suite; `reopen` closes it and opens the database again. */
export interface StoreBed {
  store: Store;
  reopen(): Promise<void>;
}

/** Rows of a run in a table, counted with duplicates. */
export async function countOf(store: Store, table: string, runId: string): Promise<number> {
  const [row] = await store.query<{ rows: string }>({
    sql: `SELECT count() AS rows FROM plumbline.${table} WHERE RunId = {runId:String}`,
    parameters: { runId },
  });
  return Number(row?.rows);
}
