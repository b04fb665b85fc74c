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
/** 16 MiB: every checkpoint waits for the disk, and most records are delivered and gone by then. */
const pagesBetweenCheckpoints = 4000;

function open(path: string, maxRecords: number): sqlite.DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const { DatabaseSync: Database } = loadSqlite();
  const database = new Database(path);
  database.exec(
    "PRAGMA busy_timeout = 1000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;" +
      `PRAGMA wal_autocheckpoint = ${String(pagesBetweenCheckpoints)};` +
      "CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, process INTEGER NOT NULL, instance TEXT NOT NULL, record TEXT NOT NULL)",
  );
  database.prepare("DELETE FROM records WHERE id <= (SELECT max(id) FROM records) - ?").run(maxRecords);
  return database;
}

const spooledOf = (row: Record<string, unknown>): SpooledRecord => ({
  id: Number(row["id"]),
  record: String(row["record"]),
});

type AtOnce = <Result>(work: () => Result) => Result;

/** Does what it is given in one transaction. */
function transactionsOf(database: sqlite.DatabaseSync): AtOnce {
  const begin = database.prepare("BEGIN IMMEDIATE");
  const commit = database.prepare("COMMIT");
  const rollback = database.prepare("ROLLBACK");
  return (work) => {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (thrown) {
      rollback.run();
      throw thrown;
    }
  };
}

/** Ids as runs of consecutive ones: what one process added is mostly one run. */
function runsOf(ids: readonly number[]): [first: number, last: number][] {
  const runs: [number, number][] = [];
  for (const id of ids.toSorted((one, other) => one - other)) {
    const current = runs.at(-1);
    if (current?.[1] === id - 1) current[1] = id;
    else runs.push([id, id]);
  }
  return runs;
}

/**
 * A spool in one SQLite file that all processes of a machine share; survives a killed process.
 * @throws whatever SQLite or the file system says when the file can't be opened
 */
export function createSqliteSpool(path: string, owner: SpoolOwner): Spool {
  const database = open(path, owner.maxRecords ?? defaultMaxRecords);
  const insert = database.prepare("INSERT INTO records (process, instance, record) VALUES (?, ?, ?)");
  const remove = database.prepare("DELETE FROM records WHERE id BETWEEN ? AND ?");
  const atOnce = transactionsOf(database);
  const others = database.prepare("SELECT DISTINCT process, instance FROM records WHERE instance <> ?");
  const claim = database.prepare(
    "UPDATE records SET process = ?, instance = ? WHERE process = ? AND instance = ? RETURNING id, record",
  );

  const ofThisProcess = database.prepare(
    "SELECT id, record FROM records WHERE instance = ? AND id > ? ORDER BY id LIMIT ?",
  );
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

  return {
    add,
    addAll: ([first, ...more]) => {
      if (first === undefined) return [];
      return more.length === 0 ? [add(first)] : atOnce(() => [first, ...more].map((record) => add(record)));
    },
    remove(ids) {
      const [first, ...more] = runsOf(ids);
      if (first === undefined) return;
      if (more.length === 0) remove.run(...first);
      else atOnce(() => [first, ...more].forEach((run) => remove.run(...run)));
    },
    after: (id, limit) => ofThisProcess.all(owner.instanceId, id, limit).map((row) => spooledOf(row)),
    adopt: () => others.all(owner.instanceId).flatMap((row) => adoptFrom(row)),
  };
}
