import { mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { RetryableError, SetupError, messageOf } from "@plumbline/contracts";
import { EngineStore } from "../engine-store.ts";
import type { ConnectionCounts } from "../engine/client-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { type UntrustedLimits, defaultUntrustedLimits } from "../engine/role-settings.ts";
import type { RetentionDays } from "../migrate/retention.ts";
import type { Store } from "../store.ts";
import { openChdbEngine } from "./chdb-engine.ts";
import { loadChdb } from "./load-chdb.ts";
import type { WorkerSetup } from "./worker-protocol.ts";

export interface ChdbStoreOptions {
  /** Owned by one process at a time; made when it does not exist. */
  directory: string;
  /** Upper bound of what the database may use, in bytes. */
  maxMemoryBytes?: number;
  /** Part of it that caches where data lies in its files, in bytes. */
  markCacheBytes?: number;
  /** Every connection runs one statement at a time and holds a thread of libuv's pool meanwhile: raise UV_THREADPOOL_SIZE with it. */
  connections?: Partial<ConnectionCounts>;
  untrustedLimits?: Partial<UntrustedLimits>;
  retentionDays?: Partial<RetentionDays>;
  /** Told once when the database has ended by itself. Another can't be opened in this process: it has to be started again. */
  onLost?: (error: RetryableError) => void;
}

/** libuv's pool has four threads unless the environment says otherwise, and files, zlib and DNS need some too. */
const defaultConnections: ConnectionCounts = { writer: 1, reader: 2, untrusted: 1 };
const defaultMemoryBytes = 2 * 1024 ** 3;
const defaultMarkCacheBytes = 128 * 1024 ** 2;

/** The one directory that this process has open: a second engine beside it takes the process down. */
let openedDirectory: string | undefined;

function claimDirectory(directory: string): void {
  if (openedDirectory !== undefined) {
    throw new SetupError(
      `The data directory ${directory} cannot be opened: this process has ${openedDirectory} open.`,
      { code: "STORE_ALREADY_OPEN", mend: "Close that store first; a process can have one at a time." },
    );
  }
  openedDirectory = directory;
}

/** Who holds the directory, as far as the lock file tells. */
async function holderOf(directory: string): Promise<string> {
  const status = await readFile(join(directory, "status"), "utf8").catch(() => "");
  const processId = /^PID: (\d+)/m.exec(status)?.[1];
  return processId === undefined ? "" : ` Process ${processId} seems to have it open.`;
}

function lost(directory: string, reason: string): RetryableError {
  return new RetryableError(`The embedded database in ${directory} is gone: ${reason}`, {
    code: "STORE_LOST",
    mend: "Start the process again: what was acknowledged is on the bus and goes into the tables then.",
  });
}

async function openDirectory(setup: WorkerSetup, onLost: ChdbStoreOptions["onLost"]): Promise<Engine> {
  try {
    await mkdir(setup.directory, { recursive: true });
    return await openChdbEngine(setup, (reason) => onLost?.(lost(setup.directory, reason)));
  } catch (cause) {
    const holder = await holderOf(setup.directory);
    throw new SetupError(
      `The data directory ${setup.directory} could not be opened: ${messageOf(cause)}.${holder}`,
      {
        code: "STORE_DIRECTORY",
        mend: "Stop the process that uses it (only one at a time can), or name another directory.",
        cause,
      },
    );
  }
}

/** Frees the claim once the engine is closed. */
function releasing(engine: Engine): Engine {
  return {
    command: (sql) => engine.command(sql),
    insert: (insert) => engine.insert(insert),
    query: (query) => engine.query(query),
    useDatabase: (name) => engine.useDatabase(name),
    async close() {
      await engine.close();
      openedDirectory = undefined;
    },
  };
}

/**
 * The tables in a directory of this machine, by ClickHouse inside this process (package `chdb`).
 * A process can have one such store open at a time.
 * @throws SetupError when chdb is not installed, this process has a store open already, or the directory cannot be opened,
 * because another process has it, say
 */
export async function createChdbStore(options: ChdbStoreOptions): Promise<Store> {
  await loadChdb();
  const directory = resolve(options.directory);
  const untrustedLimits = { ...defaultUntrustedLimits, ...options.untrustedLimits };
  claimDirectory(directory);
  try {
    const engine = await openDirectory(
      {
        directory,
        maxMemoryBytes: options.maxMemoryBytes ?? defaultMemoryBytes,
        markCacheBytes: options.markCacheBytes ?? defaultMarkCacheBytes,
        connections: { ...defaultConnections, ...options.connections },
        untrustedLimits,
      },
      options.onLost,
    );
    return new EngineStore(releasing(engine), untrustedLimits, options.retentionDays);
  } catch (error) {
    openedDirectory = undefined;
    throw error;
  }
}
