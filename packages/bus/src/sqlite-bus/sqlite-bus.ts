import { systemClock } from "@plumbline/contracts";
import type { Bus } from "../bus.ts";
import { LocalBus, type LocalBusOptions } from "../local-bus/local-bus.ts";
import { openDatabase } from "./open-database.ts";
import { openingFailed } from "./sqlite-errors.ts";
import { SqliteLog } from "./sqlite-log.ts";

export interface SqliteBusOptions extends Partial<LocalBusOptions> {
  /** Created when missing; belongs to this process until the bus is closed or the process ends. */
  directory: string;
  /**
   * Topics whose records follow from those of others, and are made of them again when they are missing: publishing there does
   * not wait for the disk. Default: none.
   */
  derivedTopics?: readonly string[];
}

/**
 * A bus in one SQLite file (WAL) for the process that owns its directory. Nothing that was published is lost when the process
 * is killed, and nothing but the end of what was derived when the machine is.
 * @throws SetupError when another process has the directory, or when the file is foreign, newer, damaged or can't be opened
 */
export async function createSqliteBus({
  directory,
  derivedTopics = [],
  ...options
}: SqliteBusOptions): Promise<Bus> {
  const opened = await openDatabase(directory);
  try {
    return new LocalBus(new SqliteLog(opened, derivedTopics), { clock: systemClock, ...options });
  } catch (error) {
    opened.close();
    throw openingFailed(opened.path, error);
  }
}
