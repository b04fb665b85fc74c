import type { Clock } from "@plumbline/contracts";
import type { EffectsPublisher } from "../act/publisher.ts";
import type { RangeWriter } from "../persist/range-writer.ts";
import type { Rows } from "../persist/rows.ts";
import { patiently } from "../patiently.ts";
import { type Effects, mergeEffects } from "./effects.ts";

/*
 * Owns: that what follows from records is carried out in their order, and stored after that.
 * Does not own: what follows (runs-worker), carrying it out (publisher), storing rows (range-writer).
 *
 * I1  Rows of a record go to the writer, and with them the committed offset forward, only when its effects and those of all
 *     records before it are published.
 */

/** What follows from a record that was folded in. */
export interface RecordWork {
  topic: string;
  offset: number;
  effects: Effects;
  /** Null where they are in the tables already. */
  rows: Rows | null;
}

export interface EffectsOutboxOptions {
  publisher: EffectsPublisher;
  writer: Pick<RangeWriter, "add">;
  clock: Clock;
  /** Of the partition: when it aborts, whoever owns it now does all of it again. */
  signal: AbortSignal;
  /** Told of a publication that will be tried again. */
  onError: (error: unknown) => void;
}

/** So many records may be folded ahead of what was published. */
const mostAhead = 512;

/** Lets folding go on while what followed is on its way to the bus; what comes meanwhile is published together. */
export class EffectsOutbox {
  readonly #options: EffectsOutboxOptions;
  readonly #closing = new AbortController();
  readonly #givingUp: AbortSignal;
  #waiting: RecordWork[] = [];
  #sending: Promise<void> | undefined;

  constructor(options: EffectsOutboxOptions) {
    this.#options = options;
    this.#givingUp = AbortSignal.any([options.signal, this.#closing.signal]);
  }

  /** Resolves at once, or when what is waiting has been taken up if that is a lot. */
  async add(work: readonly RecordWork[]): Promise<void> {
    if (work.length === 0) return;
    this.#waiting.push(...work);
    this.#sending ??= this.#sendAll();
    while (this.#waiting.length > mostAhead && !this.#options.signal.aborted) await this.#sending;
  }

  /** Carries out what waits; what fails from now on is left to the successor. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#sending;
  }

  async #sendAll(): Promise<void> {
    let goesOn = true;
    while (goesOn && this.#waiting.length > 0) {
      goesOn = await this.#sendWaiting().catch((error: unknown) => {
        this.#options.onError(error);
        return true;
      });
    }
    this.#waiting = [];
    this.#sending = undefined;
  }

  async #sendWaiting(): Promise<boolean> {
    const { publisher, writer, clock, signal, onError } = this.#options;
    const work = this.#waiting;
    this.#waiting = [];
    const effects = mergeEffects(work.map((record) => record.effects));
    const published = await patiently({ clock, signal: this.#givingUp, onError }, () =>
      publisher.publish(effects),
    );
    if (!published || signal.aborted) return false;
    for (const { topic, offset, rows } of work) if (rows !== null) await writer.add(topic, offset, rows);
    return true;
  }
}
