import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The statements that run often, prepared once. */
export interface Statements {
  insertRecord: StatementSync;
  updatePartition: StatementSync;
  readRecords: StatementSync;
  firstFrom: StatementSync;
  oldest: StatementSync;
  deleteRange: StatementSync;
  deleteRecord: StatementSync;
  findLastOfKey: StatementSync;
  setLastOfKey: StatementSync;
  oldRemovals: StatementSync;
  deleteLastOfKey: StatementSync;
  commit: StatementSync;
  probe: StatementSync;
}

const inPartition = "record_id >= :from AND record_id < :end";

export function prepareStatements(database: DatabaseSync): Statements {
  const prepare = (sql: string): StatementSync => database.prepare(sql);
  return {
    insertRecord: prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)"),
    updatePartition: prepare(
      "UPDATE partitions SET next_offset = ?, appended_bytes = ? WHERE partition_id = ?",
    ),
    readRecords: prepare(
      `SELECT record_id, timestamp_ms, bytes, record_key, headers, value FROM records WHERE ${inPartition} ORDER BY record_id LIMIT :count`,
    ),
    firstFrom: prepare(
      `SELECT record_id, bytes_before FROM records WHERE ${inPartition} ORDER BY record_id LIMIT 1`,
    ),
    oldest: prepare(
      `SELECT record_id, timestamp_ms, bytes, bytes_before FROM records WHERE ${inPartition} ORDER BY record_id LIMIT :count`,
    ),
    deleteRange: prepare(`DELETE FROM records WHERE ${inPartition}`),
    deleteRecord: prepare("DELETE FROM records WHERE record_id = ?"),
    findLastOfKey: prepare("SELECT record_id FROM last_of_key WHERE partition_id = ? AND record_key = ?"),
    setLastOfKey: prepare(
      "INSERT INTO last_of_key VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET record_id = excluded.record_id",
    ),
    oldRemovals: prepare(
      `SELECT record_id, record_key FROM records INDEXED BY removals WHERE is_removal = 1 AND ${inPartition} AND timestamp_ms < :before LIMIT :count`,
    ),
    deleteLastOfKey: prepare("DELETE FROM last_of_key WHERE partition_id = ? AND record_key = ?"),
    commit: prepare(
      `INSERT INTO commits VALUES (:group, :topic, :partition, :offset, :metadata, :atMs)
       ON CONFLICT DO UPDATE SET next_offset = :offset, metadata = :metadata, committed_at_ms = :atMs`,
    ),
    probe: prepare("UPDATE probe SET count = count + 1"),
  };
}
