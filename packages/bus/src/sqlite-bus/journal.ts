import { closeSync, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";
import { writeFailed } from "./sqlite-errors.ts";

const sync = promisify(fdatasync);

/**
 * The file that SQLite writes ahead. Waiting for a disk takes up to a tenth of a second where others write as well: it is
 * waited for beside the event loop, not by SQLite within a commit.
 */
export class Journal {
  readonly #path: string;
  #file: number | undefined;

  /** @param path of the database */
  constructor(path: string) {
    this.#path = `${path}-wal`;
  }

  /**
   * Resolves when everything that was written so far is on disk.
   * @throws RetryableError when the disk does not take it
   */
  async flush(): Promise<void> {
    try {
      this.#file ??= openSync(this.#path, "r+");
      await sync(this.#file);
    } catch (error) {
      throw writeFailed(this.#path, error);
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
