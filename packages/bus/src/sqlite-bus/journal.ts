import { closeSync, fdatasync, openSync } from "node:fs";
import { promisify } from "node:util";
import { JournalThread } from "./journal-thread.ts";
import { writeFailed } from "./sqlite-errors.ts";

const sync = promisify(fdatasync);

/**
 * The file that SQLite writes ahead. Waiting for a disk takes up to a tenth of a second where others write as well: it is
 * waited for beside the event loop, not by SQLite within a commit; and so is moving what was written into the database.
 */
export class Journal {
  readonly #path: string;
  readonly #thread: JournalThread;
  #file: number | undefined;

  /** @param path of the database */
  constructor(path: string) {
    this.#path = `${path}-wal`;
    this.#thread = new JournalThread(path);
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

  /** A transaction has added so many bytes. */
  wrote(bytes: number): void {
    this.#thread.wrote(bytes);
  }

  async close(): Promise<void> {
    await this.#thread.close();
    if (this.#file !== undefined) closeSync(this.#file);
  }
}
