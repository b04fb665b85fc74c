import { messageOf, SetupError } from "@plumbline/contracts";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import type * as sqlite from "node:sqlite";
import { RunTakenOverError } from "../errors.ts";
import { loadSqlite } from "../sqlite/load-sqlite.ts";
import type {
  CheckpointEntry,
  CheckpointStore,
  ListedRun,
  RunReference,
  StoredRun,
} from "./checkpoint-store.ts";
import { runHeadSchema, transitionSchema } from "./transition.ts";

/** The process that a store belongs to. */
export interface CheckpointOwner {
  processId: number;
  instanceId: string;
  /** Whether another process lives. */
  isAlive: (processId: number) => boolean;
}

const schema = `
  PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
  CREATE TABLE IF NOT EXISTS runs (
    tenant TEXT NOT NULL, run TEXT NOT NULL, process INTEGER NOT NULL, instance TEXT NOT NULL,
    status TEXT NOT NULL, updated_ms REAL NOT NULL, head TEXT NOT NULL, state TEXT,
    PRIMARY KEY (tenant, run)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS transitions (
    tenant TEXT NOT NULL, run TEXT NOT NULL, sequence INTEGER NOT NULL, transition TEXT NOT NULL,
    PRIMARY KEY (tenant, run, sequence)
  ) STRICT;
  CREATE TRIGGER IF NOT EXISTS history_is_final BEFORE UPDATE ON transitions
    BEGIN SELECT RAISE(ABORT, 'A transition is never changed.'); END;
  CREATE TRIGGER IF NOT EXISTS history_is_kept BEFORE DELETE ON transitions
    WHEN (SELECT status FROM runs WHERE tenant = OLD.tenant AND run = OLD.run) IN ('live', 'stopped')
    BEGIN SELECT RAISE(ABORT, 'The history of a run that may go on is kept.'); END;
`;

function open(path: string): sqlite.DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  // Arguments and answers are in it as they are: for its owner alone, and so are SQLite's files beside it.
  closeSync(openSync(path, "a", 0o600));
  const { DatabaseSync: Database } = loadSqlite();
  const database = new Database(path);
  database.exec(schema);
  return database;
}

type Row = Record<string, unknown>;

/** Runs that ended are forgotten after this long. */
const keepEndedMs = 30 * 86_400_000;
const forgotten = "(SELECT tenant, run FROM runs WHERE status IN ('killed', 'completed') AND updated_ms < ?)";

/**
 * Owns: the file that the agent processes of one machine share. Every append is one transaction and durable when it
 * returns (WAL, synchronous=FULL).
 * 1. A run has one owner; who is not the owner any more can't append.
 * 2. Sequences have no gaps: two processes that both believe to own a run can't both go on.
 */
class SqliteCheckpointStore implements CheckpointStore {
  readonly #database: sqlite.DatabaseSync;
  readonly #owner: CheckpointOwner;

  constructor(database: sqlite.DatabaseSync, owner: CheckpointOwner) {
    this.#database = database;
    this.#owner = owner;
  }

  append(run: RunReference, entry: CheckpointEntry): Promise<void> {
    return this.#settled(() => this.#inTransaction(() => this.#write(run, entry)));
  }

  load({ tenantId, runId }: RunReference): Promise<StoredRun | undefined> {
    return this.#settled(() => {
      const row = this.#get("SELECT head, state FROM runs WHERE tenant = ? AND run = ?", tenantId, runId);
      if (row === undefined) return undefined;
      const history = this.#database
        .prepare("SELECT transition FROM transitions WHERE tenant = ? AND run = ? ORDER BY sequence")
        .all(tenantId, runId);
      return {
        head: runHeadSchema.parse(JSON.parse(String(row["head"]))),
        state: typeof row["state"] === "string" ? row["state"] : null,
        transitions: history.map((one) => transitionSchema.parse(JSON.parse(String(one["transition"])))),
      };
    });
  }

  claim({ tenantId, runId }: RunReference): Promise<boolean> {
    return this.#settled(() =>
      this.#inTransaction(() => {
        const row = this.#get(
          "SELECT process, instance FROM runs WHERE tenant = ? AND run = ?",
          tenantId,
          runId,
        );
        if (row === undefined || this.#isInUse(row)) return false;
        const { processId, instanceId } = this.#owner;
        this.#database
          .prepare("UPDATE runs SET process = ?, instance = ? WHERE tenant = ? AND run = ?")
          .run(processId, instanceId, tenantId, runId);
        return true;
      }),
    );
  }

  list(tenantId: string): Promise<ListedRun[]> {
    return this.#settled(() =>
      this.#database
        .prepare(
          "SELECT run, process, instance, head FROM runs WHERE tenant = ? AND status IN ('live', 'stopped') ORDER BY updated_ms DESC",
        )
        .all(tenantId)
        .map((row) => ({
          tenantId,
          runId: String(row["run"]),
          head: runHeadSchema.parse(JSON.parse(String(row["head"]))),
          inUse: this.#isInUse(row),
        })),
    );
  }

  close(): void {
    this.#database.close();
  }

  #write({ tenantId, runId }: RunReference, { head, transition, state }: CheckpointEntry): void {
    const { processId, instanceId } = this.#owner;
    const row = this.#get("SELECT instance FROM runs WHERE tenant = ? AND run = ?", tenantId, runId);
    if (row !== undefined && row["instance"] !== instanceId) throw new RunTakenOverError(runId);
    const last = this.#get(
      "SELECT max(sequence) AS last FROM transitions WHERE tenant = ? AND run = ?",
      tenantId,
      runId,
    );
    if (transition.sequence !== Number(last?.["last"] ?? 0) + 1) throw new RunTakenOverError(runId);
    this.#database
      .prepare(
        `INSERT INTO runs (tenant, run, process, instance, status, updated_ms, head, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET status = excluded.status, updated_ms = excluded.updated_ms, head = excluded.head
         ${state === undefined ? "" : ", state = excluded.state"}`,
      )
      .run(
        tenantId,
        runId,
        processId,
        instanceId,
        head.status,
        head.updatedAtMs,
        JSON.stringify(head),
        state ?? null,
      );
    this.#database
      .prepare("INSERT INTO transitions (tenant, run, sequence, transition) VALUES (?, ?, ?, ?)")
      .run(tenantId, runId, transition.sequence, JSON.stringify(transition));
    if (head.status === "killed" || head.status === "completed") this.#forget(head.updatedAtMs - keepEndedMs);
  }

  #forget(endedBeforeMs: number): void {
    this.#database.prepare(`DELETE FROM transitions WHERE (tenant, run) IN ${forgotten}`).run(endedBeforeMs);
    this.#database.prepare(`DELETE FROM runs WHERE (tenant, run) IN ${forgotten}`).run(endedBeforeMs);
  }

  /** The same process id under another instance is this process after a restart: a container's first process is always 1. */
  #isInUse(row: Row): boolean {
    const { processId, instanceId, isAlive } = this.#owner;
    if (row["instance"] === instanceId) return false;
    return Number(row["process"]) !== processId && isAlive(Number(row["process"]));
  }

  #get(sql: string, ...parameters: string[]): Row | undefined {
    return this.#database.prepare(sql).get(...parameters);
  }

  #inTransaction<Result>(work: () => Result): Result {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = work();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #settled<Result>(work: () => Result): Promise<Result> {
    return new Promise((resolve) => resolve(work()));
  }
}

/**
 * Checkpoints in one SQLite file that all agent processes of a machine may share.
 * @throws SetupError when the file can't be opened or is none of ours
 */
export function createSqliteCheckpointStore(path: string, owner: CheckpointOwner): CheckpointStore {
  try {
    return new SqliteCheckpointStore(open(path), owner);
  } catch (cause) {
    throw new SetupError(`The checkpoints in ${path} can't be opened: ${messageOf(cause)}.`, {
      code: "CHECKPOINTS_UNREADABLE",
      mend: "Give PLUMBLINE_DATA_DIR a directory that this process may write.",
      cause,
    });
  }
}
