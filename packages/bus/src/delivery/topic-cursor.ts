import type { Batch } from "../bus.ts";
import type { BatchLimits, TopicReader } from "./partition-source.ts";

/** Where one worker stands in one topic, and the batch it still owes a repetition. */
export class TopicCursor {
  readonly topic: string;
  readonly #reader: TopicReader;
  readonly #limits: () => BatchLimits;
  #handled = 0;
  #failed: { batch: Batch; attempts: number; due: boolean } | undefined;

  constructor(reader: TopicReader, limits: () => BatchLimits) {
    this.topic = reader.topic;
    this.#reader = reader;
    this.#limits = limits;
  }

  /** Offset after the last record whose batch was accepted; 0 before the first. */
  get handled(): number {
    return this.#handled;
  }

  /** Whether there is a batch to deliver now. */
  get hasMore(): boolean {
    return this.#failed === undefined ? this.#reader.hasMore : this.#failed.due;
  }

  /** The next batch to deliver; a failed one again as soon as its pause is over, nothing until then. */
  next(): Batch | undefined {
    if (this.#failed !== undefined) return this.#failed.due ? this.#failed.batch : undefined;
    return this.#reader.read(this.#limits());
  }

  accept(batch: Batch): void {
    this.#failed = undefined;
    this.#handled = (batch.records.at(-1)?.offset ?? this.#handled - 1) + 1;
  }

  /** Keeps the batch for repetition and returns how often it has failed. */
  fail(batch: Batch): number {
    const attempts = (this.#failed?.attempts ?? 0) + 1;
    this.#failed = { batch, attempts, due: false };
    return attempts;
  }

  retryNow(): void {
    if (this.#failed !== undefined) this.#failed.due = true;
  }
}
