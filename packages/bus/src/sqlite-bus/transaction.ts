import type { DatabaseSync } from "node:sqlite";
import { writeFailed } from "./sqlite-errors.ts";

export interface TransactionSettings {
  database: DatabaseSync;
  path: string;
  /** Brings what the work changed in memory back to what the file says. */
  onRollback: () => void;
}

/**
 * Runs work in a transaction that leaves no trace in file and memory when it fails. A process that is killed afterwards loses
 * none of it; a machine that loses power loses what the journal has not flushed.
 */
export class Transaction {
  readonly #settings: TransactionSettings;
  #mustRecover = false;

  constructor(settings: TransactionSettings) {
    this.#settings = settings;
  }

  /** @throws RetryableError when the file can't be written */
  run(work: () => void): void {
    const { database, path } = this.#settings;
    try {
      if (this.#mustRecover) this.#recover();
      this.#mustRecover = true;
      database.exec("BEGIN IMMEDIATE");
      work();
      database.exec("COMMIT");
      this.#mustRecover = false;
    } catch (error) {
      this.#tryToRecover();
      throw writeFailed(path, error);
    }
  }

  /** SQLite may have rolled back by itself; if it could not, the next BEGIN fails and brings us here again. */
  #recover(): void {
    const { database, onRollback } = this.#settings;
    try {
      database.exec("ROLLBACK");
    } catch {
      // No transaction is open.
    }
    onRollback();
    this.#mustRecover = false;
  }

  /** What fails now is tried again before the next work. */
  #tryToRecover(): void {
    try {
      if (this.#mustRecover) this.#recover();
    } catch {
      this.#mustRecover = true;
    }
  }
}
