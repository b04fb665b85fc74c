import { busClosed } from "../bus-errors.ts";
import type { Journal } from "./journal.ts";
import type { Transaction } from "./transaction.ts";

/**
 * When a write counts as done. `flushed`: once it is on disk. `written`: at once; a process that is killed loses none of it, a
 * machine that loses power only what came last.
 */
export type Durability = "flushed" | "written";

interface Write {
  bytes: number;
  durability: Durability;
  /** Runs inside the transaction. */
  apply: () => void;
  /** Runs right after the transaction: from now on what was written is read. */
  onReadable?: (() => void) | undefined;
  /** Runs when it is as durable as is wanted. */
  succeed: () => void;
  fail: (error: unknown) => void;
}

export type WriteOptions = Pick<Write, "bytes" | "durability" | "onReadable">;

export interface WriteQueueSettings {
  transaction: Pick<Transaction, "run">;
  journal: Pick<Journal, "flush" | "wrote">;
}

/** A transaction ends once it holds this many bytes; what else waits goes into the next one. */
const transactionBytes = 4 * 1024 * 1024;

/** Group commit: writes that arrive in one turn of the event loop share one transaction, and those that wait for the disk one flush. */
export class WriteQueue {
  readonly #settings: WriteQueueSettings;
  #waiting: Write[] = [];
  #unflushed: Write[] = [];
  #scheduled = false;
  #flushing: Promise<void> | undefined;
  #closed = false;

  constructor(settings: WriteQueueSettings) {
    this.#settings = settings;
  }

  /** Resolves with what `apply` returned once it is as durable as is wanted. */
  submit<Result>(options: WriteOptions, apply: () => Result): Promise<Result> {
    if (this.#closed) return Promise.reject(busClosed());
    return new Promise((resolve, reject) => {
      let result: { value: Result } | undefined;
      this.#waiting.push({
        ...options,
        apply: () => {
          result = { value: apply() };
        },
        succeed: () => {
          if (result !== undefined) resolve(result.value);
        },
        fail: reject,
      });
      this.#schedule();
    });
  }

  /** Writes what waits and has it on disk, then refuses more. */
  async close(): Promise<void> {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#writeSome();
    await this.#flushing;
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#writeSome();
      if (this.#waiting.length > 0) this.#schedule();
    });
  }

  #writeSome(): void {
    const writes = this.#take();
    if (writes.length === 0) return;
    try {
      this.#settings.transaction.run(() => {
        for (const write of writes) write.apply();
      });
    } catch (error) {
      for (const write of writes) write.fail(error);
      return;
    }
    this.#settings.journal.wrote(writes.reduce((sum, { bytes }) => sum + bytes, 0));
    for (const write of writes) {
      write.onReadable?.();
      if (write.durability === "flushed") this.#unflushed.push(write);
      else write.succeed();
    }
    if (this.#unflushed.length > 0) this.#flushing ??= this.#flushAll();
  }

  /** What is written while a flush is under way shares the next one. */
  async #flushAll(): Promise<void> {
    while (this.#unflushed.length > 0) {
      const writes = this.#unflushed;
      this.#unflushed = [];
      try {
        await this.#settings.journal.flush();
        for (const write of writes) write.succeed();
      } catch (error) {
        for (const write of writes) write.fail(error);
      }
    }
    this.#flushing = undefined;
  }

  #take(): Write[] {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && bytes < transactionBytes) {
      bytes += this.#waiting[count]?.bytes ?? 0;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
