import { messageOf } from "@plumbline/contracts";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { debugLog } from "../transport/debug-log.ts";
import { createMemorySpool } from "./memory-spool.ts";
import type { Spool, SpooledRecord } from "./spool.ts";
import { createSqliteSpool, type SpoolOwner } from "./sqlite-spool.ts";

class LazySpool implements Spool {
  readonly #path: string;
  readonly #owner: SpoolOwner;
  #opened: Spool | undefined;

  constructor(path: string, owner: SpoolOwner) {
    this.#path = path;
    this.#owner = owner;
  }

  add(record: string): SpooledRecord {
    return this.#tried((spool) => spool.add(record));
  }

  addAll(records: readonly string[]): SpooledRecord[] {
    return this.#tried((spool) => spool.addAll(records));
  }

  remove(ids: readonly number[]): void {
    if (this.#opened !== undefined) this.#tried((spool) => spool.remove(ids));
  }

  after(id: number, limit: number): SpooledRecord[] {
    return this.#opened === undefined ? [] : this.#tried((spool) => spool.after(id, limit));
  }

  adopt(): SpooledRecord[] {
    if (this.#opened === undefined && !existsSync(this.#path)) return [];
    return this.#tried((spool) => spool.adopt());
  }

  /** On the file, or on memory from the first failure on. */
  #tried<Result>(work: (spool: Spool) => Result): Result {
    try {
      this.#opened ??= createSqliteSpool(this.#path, this.#owner);
      return work(this.#opened);
    } catch (thrown) {
      debugLog("control records are kept in memory only: %s", messageOf(thrown));
      this.#opened = createMemorySpool();
      return work(this.#opened);
    }
  }
}

/** Opens the file at the first control record, and falls back to memory when that can't be done. */
export function createLazySpool(dataDirectory: string, owner: SpoolOwner): Spool {
  return new LazySpool(join(dataDirectory, "spool.sqlite"), owner);
}
