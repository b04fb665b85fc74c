import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { isPlumblineError } from "@plumbline/contracts";
import { applicationId, schema, schemaVersion } from "./schema.ts";
import { directoryInUse, foreignFile, isBusy, newerFile, openingFailed } from "./sqlite-errors.ts";

export interface OpenDatabase {
  database: DatabaseSync;
  path: string;
  /** Closes the database and leaves the directory to others. */
  close(): void;
}

const ownerFileName = "bus.owner";
const lockFileName = "bus.lock";
const pageBytes = 8192;
/** So long the journal may become before a commit moves it into the database itself. */
const longestJournalBytes = 64 * 1024 * 1024;

/**
 * Opens the bus file of a directory for this process alone. The operating system holds the lock, so it ends with the process.
 * @throws SetupError when another process has it, or when the file is foreign, newer or damaged
 */
export async function openDatabase(directory: string): Promise<OpenDatabase> {
  const { DatabaseSync } = await import("node:sqlite");
  const path = join(directory, "bus.sqlite");
  const opened: DatabaseSync[] = [];
  const open = (file: string): DatabaseSync => {
    const database = new DatabaseSync(file, { timeout: 0 });
    opened.unshift(database);
    return database;
  };
  const close = (): void => {
    for (const database of opened.splice(0)) if (database.isOpen) database.close();
  };
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    open(join(directory, lockFileName)).exec("BEGIN EXCLUSIVE");
    const database = openJournaled(() => open(path));
    configure(database);
    prepare(database, path);
    writeFileSync(join(directory, ownerFileName), String(process.pid));
    return { database, path, close };
  } catch (error) {
    close();
    if (isPlumblineError(error)) throw error;
    throw isBusy(error) ? directoryInUse(directory, ownerOf(directory)) : openingFailed(path, error);
  }
}

/** Where a file system can't share memory between connections, ours is the only one, and moves the journal by itself. */
function openJournaled(open: () => DatabaseSync): DatabaseSync {
  const shared = open();
  try {
    beginJournal(shared, "NORMAL");
    return shared;
  } catch {
    shared.close();
    const alone = open();
    beginJournal(alone, "EXCLUSIVE");
    return alone;
  }
}

function beginJournal(database: DatabaseSync, lockingMode: "NORMAL" | "EXCLUSIVE"): void {
  database.exec(`PRAGMA locking_mode = ${lockingMode}; PRAGMA page_size = ${String(pageBytes)};`);
  database.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; BEGIN IMMEDIATE; COMMIT;");
}

function configure(database: DatabaseSync): void {
  database.exec("PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;");
  database.exec("PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;");
  database.exec(`PRAGMA journal_size_limit = ${String(longestJournalBytes)};`);
  database.exec(`PRAGMA wal_autocheckpoint = ${String(longestJournalBytes / pageBytes)};`);
}

function prepare(database: DatabaseSync, path: string): void {
  const id = pragma(database, "application_id");
  const version = pragma(database, "user_version");
  const tables = database.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.["count"];
  if (id === 0 && version === 0 && tables === 0) {
    database.exec(
      `BEGIN; ${schema} PRAGMA application_id = ${String(applicationId)}; PRAGMA user_version = ${String(schemaVersion)}; COMMIT;`,
    );
    return;
  }
  if (id !== applicationId) throw foreignFile(path, "an SQLite file of another program");
  if (version > schemaVersion) throw newerFile(path, version);
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

function ownerOf(directory: string): string | undefined {
  try {
    return readFileSync(join(directory, ownerFileName), "utf8");
  } catch {
    return undefined;
  }
}
