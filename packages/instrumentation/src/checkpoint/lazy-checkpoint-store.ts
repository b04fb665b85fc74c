import { messageOf } from "@plumbline/contracts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { debugLog } from "../transport/debug-log.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { createMemoryCheckpointStore } from "./memory-checkpoint-store.ts";
import { type CheckpointOwner, createSqliteCheckpointStore } from "./sqlite-checkpoint-store.ts";

export interface LazyCheckpointStoreOptions {
  dataDirectory: string;
  owner: CheckpointOwner;
  /** Whether a file that can't be opened is an error; otherwise checkpoints then live as long as the process. */
  required: boolean;
}

/** Opens `checkpoints.sqlite` in the data directory at the first checkpoint, or when there is one to look for. */
export function createLazyCheckpointStore(options: LazyCheckpointStoreOptions): CheckpointStore {
  const path = join(options.dataDirectory, "checkpoints.sqlite");
  let opened: CheckpointStore | undefined;

  function open(): CheckpointStore {
    try {
      return createSqliteCheckpointStore(path, options.owner);
    } catch (thrown) {
      if (options.required) throw thrown;
      debugLog("checkpoints are kept in memory only: %s", messageOf(thrown));
      return createMemoryCheckpointStore();
    }
  }

  function store(): CheckpointStore {
    opened ??= open();
    return opened;
  }

  const isEmpty = (): boolean => opened === undefined && !existsSync(path);
  return {
    append: async (run, entry) => store().append(run, entry),
    load: async (run) => (isEmpty() ? undefined : store().load(run)),
    claim: async (run) => (isEmpty() ? false : store().claim(run)),
    list: async (tenantId) => (isEmpty() ? [] : store().list(tenantId)),
    close: () => opened?.close(),
  };
}
