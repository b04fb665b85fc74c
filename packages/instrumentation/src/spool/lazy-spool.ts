import { messageOf } from "@plumbline/contracts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { debugLog } from "../transport/debug-log.ts";
import { createMemorySpool } from "./memory-spool.ts";
import type { Spool } from "./spool.ts";
import { createSqliteSpool, type SpoolOwner } from "./sqlite-spool.ts";

/** Opens the file at the first control record, and falls back to memory when that can't be done. */
export function createLazySpool(dataDirectory: string, owner: SpoolOwner): Spool {
  const path = join(dataDirectory, "spool.sqlite");
  let opened: Spool | undefined;

  function fallBack(thrown: unknown): Spool {
    debugLog("control records are kept in memory only: %s", messageOf(thrown));
    return createMemorySpool();
  }

  function spool(): Spool {
    try {
      opened ??= createSqliteSpool(path, owner);
    } catch (thrown) {
      opened = fallBack(thrown);
    }
    return opened;
  }

  return {
    add(record) {
      try {
        return spool().add(record);
      } catch (thrown) {
        opened = fallBack(thrown);
        return opened.add(record);
      }
    },
    addAll(records) {
      try {
        return spool().addAll(records);
      } catch (thrown) {
        opened = fallBack(thrown);
        return opened.addAll(records);
      }
    },
    remove(ids) {
      try {
        opened?.remove(ids);
      } catch (thrown) {
        opened = fallBack(thrown);
      }
    },
    after(id, limit) {
      try {
        return opened?.after(id, limit) ?? [];
      } catch (thrown) {
        opened = fallBack(thrown);
        return [];
      }
    },
    adopt() {
      if (opened === undefined && !existsSync(path)) return [];
      try {
        return spool().adopt();
      } catch (thrown) {
        opened = fallBack(thrown);
        return [];
      }
    },
  };
}
