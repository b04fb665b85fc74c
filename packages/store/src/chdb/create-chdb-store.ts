import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { SetupError, messageOf } from "@plumbline/contracts";
import { EngineStore } from "../engine-store.ts";
import { type ConnectionCounts, defaultConnectionCounts } from "../engine/client-engine.ts";
import type { Engine } from "../engine/engine.ts";
import { type UntrustedLimits, defaultUntrustedLimits } from "../engine/role-settings.ts";
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
  /** Every connection runs one statement at a time and holds a thread of libuv's pool meanwhile. */
  connections?: Partial<ConnectionCounts>;
  untrustedLimits?: Partial<UntrustedLimits>;
}

const defaultMemoryBytes = 2 * 1024 ** 3;
const defaultMarkCacheBytes = 128 * 1024 ** 2;

async function openDirectory(setup: WorkerSetup): Promise<Engine> {
  try {
    await mkdir(setup.directory, { recursive: true });
    return await openChdbEngine(setup);
  } catch (cause) {
    throw new SetupError(`The data directory ${setup.directory} could not be opened: ${messageOf(cause)}.`, {
      code: "STORE_DIRECTORY",
      mend: "Stop the process that uses it (only one at a time can), or name another directory.",
      cause,
    });
  }
}

/**
 * The tables in a directory of this machine, by ClickHouse inside this process (package `chdb`).
 * @throws SetupError when chdb is not installed or the directory cannot be opened, because another process has it, say
 */
export async function createChdbStore(options: ChdbStoreOptions): Promise<Store> {
  await loadChdb();
  const untrustedLimits = { ...defaultUntrustedLimits, ...options.untrustedLimits };
  const engine = await openDirectory({
    directory: resolve(options.directory),
    maxMemoryBytes: options.maxMemoryBytes ?? defaultMemoryBytes,
    markCacheBytes: options.markCacheBytes ?? defaultMarkCacheBytes,
    connections: { ...defaultConnectionCounts, ...options.connections },
    untrustedLimits,
  });
  return new EngineStore(engine, untrustedLimits);
}
