import type { RowFilters } from "./row-filters.ts";

/** Who a connection works for; each kind has connections and settings of its own. */
export const connectionRoles = ["writer", "reader", "untrusted"] as const;
export type ConnectionRole = (typeof connectionRoles)[number];

export type ResultFormat = "JSON" | "JSONEachRow" | "TabSeparated";

export interface EngineQuery {
  role: ConnectionRole;
  sql: string;
  parameters?: Readonly<Record<string, unknown>>;
  format: ResultFormat;
  /** All rows when absent. */
  rowFilters?: RowFilters;
}

export interface EngineInsert {
  /** Fully qualified. */
  table: string;
  columns: readonly string[];
  /** One JSON object per line. */
  lines: string;
  /** A second insert with the same token is dropped by the database. */
  token: string;
}

/** Runs statements; knows nothing of tables. Every method fails with a DatabaseError. */
export interface Engine {
  /** A statement without a result, on a writer connection. */
  command(sql: string): Promise<void>;
  insert(insert: EngineInsert): Promise<void>;
  /** @returns the text of the result in the wanted format */
  query(query: EngineQuery): Promise<string>;
  /** From now on, names without a database mean tables of this one in statements of the role `untrusted`. */
  useDatabase(name: string): Promise<void>;
  close(): Promise<void>;
}
