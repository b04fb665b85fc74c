import type { Clock } from "@plumbline/contracts";
import type { Spool, SpooledRecord } from "../spool/spool.ts";
import { type BatchQueue, type BatchQueueOptions, createBatchQueue } from "./batch-queue.ts";

export interface ControlQueueOptions extends Pick<
  BatchQueueOptions<SpooledRecord>,
  "send" | "lingerMs" | "clock" | "random" | "receiver"
> {
  spool: Spool;
  /** Records held in memory; the others wait in the spool alone. */
  maxWaiting?: number;
}

/** Control records on their way: spooled first and never dropped, however long no server is there. */
export interface ControlQueue extends Pick<BatchQueue<SpooledRecord>, "flush" | "size"> {
  /** In the spool before this returns. */
  add(record: string): void;
  /**
   * In the spool when the event loop turns; in a stream of them within milliseconds, or when so many have gathered: together,
   * which costs a fraction.
   */
  addSoon(record: string): void;
  /** Writes to the spool what has gathered. */
  settle(): void;
  /** Takes over what processes that are gone left behind. */
  adopt(): void;
}

const mostGathered = 32;
/** What comes in a stream shares transactions of this distance. */
const gatherMs = 10;

class SpooledControlQueue implements ControlQueue {
  readonly #spool: Spool;
  readonly #queue: BatchQueue<SpooledRecord>;
  readonly #maxWaiting: number;
  readonly #clock: Clock;
  #lastQueuedId = 0;
  /** Whether the spool holds records of this process that the queue does not. */
  #overflowed = false;
  #gathered: string[] = [];
  #settledAtMs = Number.NEGATIVE_INFINITY;

  constructor({ spool, maxWaiting = 1_000, ...options }: ControlQueueOptions) {
    this.#spool = spool;
    this.#maxWaiting = maxWaiting;
    this.#clock = options.clock;
    this.#queue = createBatchQueue({
      ...options,
      name: "control records",
      maxItems: null,
      maxBatchItems: 256,
      onSettled: (items) => this.#settled(items),
    });
  }

  get size(): number {
    return this.#queue.size + this.#gathered.length;
  }

  add(record: string): void {
    this.settle();
    this.#added(this.#spool.add(record));
  }

  addSoon(record: string): void {
    this.#gathered.push(record);
    if (this.#gathered.length >= mostGathered) this.settle();
    else if (this.#gathered.length === 1) this.#settleSoon();
  }

  settle(): void {
    if (this.#gathered.length === 0) return;
    const gathered = this.#gathered;
    this.#gathered = [];
    this.#settledAtMs = this.#clock.nowMs();
    for (const spooled of this.#spool.addAll(gathered)) this.#added(spooled);
  }

  adopt(): void {
    for (const record of this.#spool.adopt()) this.#enqueue(record);
  }

  flush(timeoutMs: number): Promise<void> {
    this.settle();
    return this.#queue.flush(timeoutMs);
  }

  #settleSoon(): void {
    const restMs = this.#settledAtMs + gatherMs - this.#clock.nowMs();
    if (restMs <= 0) setImmediate(() => this.settle());
    else setTimeout(() => this.settle(), Math.min(restMs, gatherMs)).unref();
  }

  #added(spooled: SpooledRecord): void {
    this.#overflowed ||= this.#queue.size >= this.#maxWaiting;
    if (!this.#overflowed) this.#enqueue(spooled);
  }

  #enqueue(record: SpooledRecord): void {
    this.#lastQueuedId = Math.max(this.#lastQueuedId, record.id);
    this.#queue.add(record);
  }

  #settled(items: readonly SpooledRecord[]): void {
    this.#spool.remove(items.map((item) => item.id));
    const room = this.#maxWaiting - this.#queue.size;
    if (!this.#overflowed || room <= 0) return;
    const waiting = this.#spool.after(this.#lastQueuedId, room);
    for (const record of waiting) this.#enqueue(record);
    this.#overflowed = waiting.length === room;
  }
}

export function createControlQueue(options: ControlQueueOptions): ControlQueue {
  return new SpooledControlQueue(options);
}
