import type { Batch, Commit, ReceivedRecord } from "@plumbline/bus";
import { topic } from "@plumbline/contracts";

/*
 * Owns: in which order records are folded that an owner before has folded already.
 * Does not own: folding them (runs-worker).
 *
 * What an observation leads to depends on the commands and acks that are known by then: a limit that was raised, a pause
 * that was lifted. Commands are read before all else, so of what is read again they would all come first. They wait for the
 * observations that the bus took before them.
 */

export interface ReplayStart {
  committed: ReadonlyMap<string, Commit>;
  /** Next offset to read, by topic. */
  startAt: ReadonlyMap<string, number>;
}

export class ReplayOrder {
  readonly #committed: ReadonlyMap<string, Commit>;
  #nextObservation: number;
  #held: ReceivedRecord[] = [];

  constructor({ committed, startAt }: ReplayStart) {
    this.#committed = committed;
    this.#nextObservation = startAt.get(topic.observations) ?? 0;
  }

  /** Those of a batch that are due, with those before it that are due by now; each record comes once. */
  *ordered(batch: Batch): Generator<ReceivedRecord> {
    for (const record of batch.records) {
      if (batch.topic === topic.observations) yield* this.#withObservation(record);
      else if (this.isReplayed(record) && this.#isReplaying) this.#held.push(record);
      else yield* [...this.#takeHeld(Number.POSITIVE_INFINITY), record];
    }
  }

  *#withObservation(record: ReceivedRecord): Generator<ReceivedRecord> {
    yield* this.#takeHeld(this.isReplayed(record) ? record.timestampMs : Number.POSITIVE_INFINITY);
    yield record;
    this.#nextObservation = record.offset + 1;
    if (!this.#isReplaying) yield* this.#takeHeld(Number.POSITIVE_INFINITY);
  }

  /** Whether an owner before has folded the record, and stored what follows from it. */
  isReplayed({ topic: name, offset }: ReceivedRecord): boolean {
    return offset < this.#committedOf(name);
  }

  get #isReplaying(): boolean {
    return this.#nextObservation < this.#committedOf(topic.observations);
  }

  #committedOf(topicName: string): number {
    return this.#committed.get(topicName)?.offset ?? 0;
  }

  #takeHeld(untilMs: number): ReceivedRecord[] {
    const firstLater = this.#held.findIndex(({ timestampMs }) => timestampMs > untilMs);
    return this.#held.splice(0, firstLater < 0 ? this.#held.length : firstLater);
  }
}
