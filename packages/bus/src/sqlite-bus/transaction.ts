import type { DatabaseSync } from "node:sqlite";
import { writeFailed } from "./sqlite-errors.ts";

export interface TransactionSettings {
  database: DatabaseSync;
  path: string;
  /** Brings what the work changed in memory back to what the file says. */
  onRollback: () => void;
}

/**
 * When a transaction reaches the disk. `flushed`: before it returns. `written`: with the next flushed one, or some time later;
 * a process that is killed loses none of it, a machine that loses power only what came last.
 */
export type Durability = "flushed" | "written";

const synchronous: Readonly<Record<Durability, string>> = { flushed: "FULL", written: "NORMAL" };

/** Runs work in a transaction that is in the file when it returns, or leaves no trace in file and memory. */
export class Transaction {
  readonly #settings: TransactionSettings;
  #durability: Durability | undefined;
  #mustRecover = false;

  constructor(settings: TransactionSettings) {
    this.#settings = settings;
  }

  /** @throws RetryableError when the file can't be written */
  run(durability: Durability, work: () => void): void {
    const { database, path } = this.#settings;
    try {
      if (this.#mustRecover) this.#recover();
      this.#mustRecover = true;
      this.#setDurability(durability);
      database.exec("BEGIN IMMEDIATE");
      work();
      database.exec("COMMIT");
      this.#mustRecover = false;
    } catch (error) {
      this.#tryToRecover();
      throw writeFailed(path, error);
    }
  }

  #setDurability(durability: Durability): void {
    if (this.#durability === durability) return;
    this.#settings.database.exec(`PRAGMA synchronous = ${synchronous[durability]}`);
    this.#durability = durability;
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
