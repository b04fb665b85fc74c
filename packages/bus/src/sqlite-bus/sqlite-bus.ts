import { systemClock } from "@plumbline/contracts";
import type { Bus } from "../bus.ts";
import { LocalBus, type LocalBusOptions } from "../local-bus/local-bus.ts";
import { openDatabase } from "./open-database.ts";
import { openingFailed } from "./sqlite-errors.ts";
import { SqliteLog } from "./sqlite-log.ts";

export interface SqliteBusOptions extends Partial<LocalBusOptions> {
  /** Created when missing; belongs to this process until the bus is closed or the process ends. */
  directory: string;
}

/**
 * A bus in one SQLite file (WAL, flushed to disk at every commit) for the process that owns its directory.
 * @throws SetupError when another process has the directory, or when the file is foreign, newer, damaged or can't be opened
 */
export async function createSqliteBus({ directory, ...options }: SqliteBusOptions): Promise<Bus> {
  const opened = await openDatabase(directory);
  try {
    return new LocalBus(new SqliteLog(opened), { clock: systemClock, ...options });
  } catch (error) {
    opened.database.close();
    throw openingFailed(opened.path, error);
  }
}
