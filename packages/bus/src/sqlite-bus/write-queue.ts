import { busClosed } from "../bus-errors.ts";
import type { Durability, Transaction } from "./transaction.ts";

interface Write {
  bytes: number;
  durability: Durability;
  /** Runs inside the transaction. */
  apply: () => void;
  /** Runs after the transaction, on disk if it is to be flushed. */
  succeed: () => void;
  fail: (error: unknown) => void;
}

/** A transaction ends once it holds this many bytes; what else waits goes into the next one. */
const transactionBytes = 4 * 1024 * 1024;

/** Group commit: writes that arrive in one turn of the event loop share one transaction, and one flush to disk if any needs it. */
export class WriteQueue {
  readonly #transaction: Transaction;
  #waiting: Write[] = [];
  #scheduled = false;
  #closed = false;

  constructor(transaction: Transaction) {
    this.#transaction = transaction;
  }

  /** Resolves with what `apply` returned once it is as durable as is wanted. */
  submit<Result>(
    { bytes, durability }: Pick<Write, "bytes" | "durability">,
    apply: () => Result,
  ): Promise<Result> {
    if (this.#closed) return Promise.reject(busClosed());
    return new Promise((resolve, reject) => {
      let result: { value: Result } | undefined;
      this.#waiting.push({
        bytes,
        durability,
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

  /** Writes what waits, then refuses more. */
  close(): void {
    this.#closed = true;
    while (this.#waiting.length > 0) this.#writeSome();
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
      const mustFlush = writes.some(({ durability }) => durability === "flushed");
      this.#transaction.run(mustFlush ? "flushed" : "written", () => {
        for (const write of writes) write.apply();
      });
    } catch (error) {
      for (const write of writes) write.fail(error);
      return;
    }
    for (const write of writes) write.succeed();
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
