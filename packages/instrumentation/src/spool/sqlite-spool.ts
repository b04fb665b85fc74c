import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type * as sqlite from "node:sqlite";
import { loadSqlite } from "../sqlite/load-sqlite.ts";
import type { Spool, SpooledRecord } from "./spool.ts";

export interface SpoolOwner {
  processId: number;
  instanceId: string;
  /** Whether another process lives. */
  isAlive: (processId: number) => boolean;
  /** Records kept for a server that never comes; the oldest go first. Default: 100,000. */
  maxRecords?: number;
}

const defaultMaxRecords = 100_000;

function open(path: string, maxRecords: number): sqlite.DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { DatabaseSync: Database } = loadSqlite();
  const database = new Database(path);
  database.exec(
    "PRAGMA busy_timeout = 1000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" +
      "CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, process INTEGER NOT NULL, instance TEXT NOT NULL, record TEXT NOT NULL)",
  );
  database.prepare("DELETE FROM records WHERE id <= (SELECT max(id) FROM records) - ?").run(maxRecords);
  return database;
}

/**
 * A spool in one SQLite file that all processes of a machine share; survives a killed process.
 * @throws whatever SQLite or the file system says when the file can't be opened
 */
export function createSqliteSpool(path: string, owner: SpoolOwner): Spool {
  const database = open(path, owner.maxRecords ?? defaultMaxRecords);
  const insert = database.prepare("INSERT INTO records (process, instance, record) VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM records WHERE id = ?");
  const others = database.prepare("SELECT DISTINCT process, instance FROM records WHERE instance <> ?");
  const claim = database.prepare(
    "UPDATE records SET process = ?, instance = ? WHERE process = ? AND instance = ? RETURNING id, record",
  );

  const ofThisProcess = database.prepare(
    "SELECT id, record FROM records WHERE instance = ? AND id > ? ORDER BY id LIMIT ?",
  );
  const spooledOf = (row: Record<string, unknown>): SpooledRecord => ({
    id: Number(row["id"]),
    record: String(row["record"]),
  });

  function adoptFrom(row: Record<string, unknown>): SpooledRecord[] {
    const [processId, instanceId] = [Number(row["process"]), String(row["instance"])];
    if (processId !== owner.processId && owner.isAlive(processId)) return [];
    const rows = claim.all(owner.processId, owner.instanceId, processId, instanceId);
    return rows.map((claimed) => spooledOf(claimed));
  }

  function add(record: string): SpooledRecord {
    const { lastInsertRowid } = insert.run(owner.processId, owner.instanceId, record);
    return { id: Number(lastInsertRowid), record };
  }

  function atOnce<Result>(work: () => Result): Result {
    database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      database.exec("COMMIT");
      return result;
    } catch (thrown) {
      database.exec("ROLLBACK");
      throw thrown;
    }
  }

  return {
    add,
    addAll: (records) => atOnce(() => records.map((record) => add(record))),
    remove(ids) {
      if (ids.length === 0) return;
      atOnce(() => {
        for (const id of ids) remove.run(id);
      });
    },
    after: (id, limit) => ofThisProcess.all(owner.instanceId, id, limit).map((row) => spooledOf(row)),
    adopt: () => others.all(owner.instanceId).flatMap((row) => adoptFrom(row)),
  };
}
