import type { Clock, Random } from "@plumbline/contracts";
import { backoffMs } from "../transport/backoff.ts";
import { debugLog } from "../transport/debug-log.ts";
import type { Delivery, SendBatch } from "./delivery.ts";
import type { ReceiverState } from "./receiver-state.ts";

export interface BatchQueueOptions<Item> {
  name: string;
  send: SendBatch<Item>;
  /** Null: nothing is ever dropped. */
  maxItems: number | null;
  maxBatchItems: number;
  /** How long the first item of a batch waits for company. */
  lingerMs: number;
  clock: Clock;
  random: Random;
  receiver: ReceiverState;
  /** Called with what has left the queue for good, delivered or refused. */
  onSettled?: (items: readonly Item[]) => void;
}

export interface BatchQueue<Item> {
  add(item: Item): void;
  /**
   * Sends what waits; resolves when that is done or `timeoutMs` have passed. A receiver that was there before is tried
   * until then, one that never was is tried once.
   */
  flush(timeoutMs: number): Promise<void>;
  /** Gives up what waits and hands it over, with what was sent and not answered: nobody knows whether that arrived. */
  takeWaiting(): Item[];
  /** Items waiting or under way. */
  readonly size: number;
  /** Items given up because the queue was full. */
  readonly dropped: number;
  /** Items that the receiver refused for good. */
  readonly refused: number;
}

const backoff = { firstMs: 250, longestMs: 15_000 };
const flushPauseMs = 200;
/** What comes in a stream shares requests of this distance: each costs as much as the records of many calls. */
const paceMs = 10;

/**
 * Owns: the order and the bound of what waits to be sent. Does not own: encoding, transport.
 * 1. One request at a time; what is added meanwhile goes with the next one, so a burst coalesces by itself.
 * 2. A failed batch stays at the head and is tried again with back-off.
 * 3. The first item after a while goes out after `lingerMs`; in a stream of them, requests keep a distance.
 * 4. Nothing here keeps the process alive.
 */
class CoalescingQueue<Item> implements BatchQueue<Item> {
  dropped = 0;
  refused = 0;
  private readonly options: BatchQueueOptions<Item>;
  private waiting: Item[] = [];
  private sending: Promise<void> | undefined;
  private inFlight: readonly Item[] = [];
  private failures = 0;
  private scheduled = false;
  private sentAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: BatchQueueOptions<Item>) {
    this.options = options;
  }

  get size(): number {
    return this.waiting.length + this.inFlight.length;
  }

  add(item: Item): void {
    this.waiting.push(item);
    const { maxItems } = this.options;
    if (maxItems !== null && this.waiting.length > maxItems) {
      this.waiting.shift();
      this.dropped += 1;
    }
    this.schedule();
  }

  async flush(timeoutMs: number): Promise<void> {
    const timeout = new AbortController();
    const done = this.flushUntil(timeout.signal);
    const late = this.options.clock.sleep(timeoutMs, timeout.signal).catch(() => undefined);
    await Promise.race([done, late]);
    timeout.abort(new Error("The time to flush is over."));
  }

  takeWaiting(): Item[] {
    return [...this.inFlight, ...this.waiting.splice(0)];
  }

  private async flushUntil(signal: AbortSignal): Promise<void> {
    const { clock, receiver } = this.options;
    while (this.size > 0 && !signal.aborted) {
      const failuresBefore = this.failures;
      await (this.sending ?? this.sendNext());
      if (this.failures <= failuresBefore) continue;
      if (!receiver.wasReached) return;
      await clock.sleep(flushPauseMs, signal).catch(() => undefined);
    }
  }

  private schedule(): void {
    if (this.scheduled || this.sending !== undefined || this.failures > 0) return;
    this.scheduled = true;
    const { lingerMs, clock } = this.options;
    const restMs = Math.min(paceMs, this.sentAtMs + paceMs - clock.nowMs());
    const timer = setTimeout(
      () => {
        this.scheduled = false;
        if (this.sending === undefined) void this.sendNext();
      },
      Math.max(lingerMs, restMs),
    );
    timer.unref();
  }

  private sendNext(): Promise<void> {
    if (this.waiting.length === 0) return Promise.resolve();
    const batch = this.waiting.splice(0, this.options.maxBatchItems);
    this.inFlight = batch;
    // A full batch is followed by the rest of its burst without a rest.
    const isFull = batch.length === this.options.maxBatchItems;
    this.sentAtMs = isFull ? Number.NEGATIVE_INFINITY : this.options.clock.nowMs();
    this.sending = this.options.send(batch).then((delivery) => {
      this.sending = undefined;
      this.inFlight = [];
      this.settle(batch, delivery);
    });
    return this.sending;
  }

  private settle(batch: Item[], delivery: Delivery): void {
    if (delivery.type === "failed") {
      this.waiting = [...batch, ...this.waiting];
      this.failures += 1;
      if (this.failures === 1) debugLog("%s: %s; kept and tried again", this.options.name, delivery.why);
      void this.retryLater(delivery.retryAfterMs);
      return;
    }
    this.failures = 0;
    this.options.receiver.reached();
    if (delivery.type === "refused") {
      this.refused += batch.length;
      debugLog("%s: %s; %d given up", this.options.name, delivery.why, batch.length);
    } else this.refused += delivery.rejected;
    this.options.onSettled?.(batch);
    if (this.waiting.length > 0) this.schedule();
  }

  private async retryLater(afterMs: number | undefined): Promise<void> {
    const { clock, random, receiver } = this.options;
    const early = new AbortController();
    // A receiver that said when to come again is taken at its word.
    const stopListening = receiver.onReached(() => {
      if (afterMs === undefined) early.abort(new Error("The receiver is back."));
    });
    await clock
      .sleep(afterMs ?? backoffMs(this.failures, backoff, random), early.signal)
      .catch(() => undefined);
    stopListening();
    if (this.sending === undefined && this.failures > 0) await this.sendNext();
  }
}

/** A bounded queue that sends in the background what is added to it. */
export function createBatchQueue<Item>(options: BatchQueueOptions<Item>): BatchQueue<Item> {
  return new CoalescingQueue(options);
}
