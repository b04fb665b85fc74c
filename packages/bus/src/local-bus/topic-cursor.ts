import type { Batch } from "../bus.ts";
import type { PartitionPlace, RecordLog } from "./record-log.ts";

export interface CursorSettings {
  log: RecordLog;
  place: PartitionPlace;
  startOffset: number;
  maxRecords: number;
  maxBytes: number;
}

/** Where one worker stands in one topic, and the batch it still owes a repetition. */
export class TopicCursor {
  readonly place: PartitionPlace;
  readonly #settings: CursorSettings;
  #position: number;
  #failed: { batch: Batch; attempts: number; due: boolean } | undefined;

  constructor(settings: CursorSettings) {
    this.#settings = settings;
    this.place = settings.place;
    this.#position = settings.startOffset;
  }

  /** Offset after the last record whose batch was accepted. */
  get position(): number {
    return this.#position;
  }

  /** The next batch to deliver; a failed one again as soon as its pause is over, nothing until then. */
  next(): Batch | undefined {
    if (this.#failed !== undefined) return this.#failed.due ? this.#failed.batch : undefined;
    const { log, place, maxRecords, maxBytes } = this.#settings;
    const records = log.read({ ...place, fromOffset: this.#position, maxRecords, maxBytes });
    if (records.length === 0) return undefined;
    return { topic: place.topic, records, endOffset: log.extent(place).endOffset };
  }

  accept(batch: Batch): void {
    this.#failed = undefined;
    this.#position = (batch.records.at(-1)?.offset ?? this.#position - 1) + 1;
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
