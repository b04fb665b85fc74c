import type { Assignment } from "@plumbline/bus";
import type { AnalyzerMetrics } from "../metrics.ts";
import { RejectedError, isPlumblineError, type Clock } from "@plumbline/contracts";
import { patiently } from "../patiently.ts";
import { noteOf, plannedEndOf } from "./planned-range.ts";
import { countOf, mergeRows, type Rows } from "./rows.ts";
import { StoreTurns } from "./store-turns.ts";
import type { RejectedItem, Store, TableItems, TableName } from "@plumbline/store";

/*
 * Owns: which records of a partition have their rows in the store, and the group's committed offset.
 * Does not own: reading records, making rows.
 *
 * I1  The committed offset never passes a record whose rows are not in the store.
 * I2  A range is inserted only after it was committed as metadata; after a crash exactly that range is formed again and
 *     inserted under the same token, which the database drops if it had it.
 * I3  Rows wait in memory up to `maxPendingItems`; beyond it `add` waits, and with it the consumption of the partition.
 */

export interface RangeWriter {
  /** Whether so many rows wait for the database that whoever adds more may soon wait as well. */
  readonly isBehind: boolean;
  /** Takes the rows of the record at `offset`; records come in order, those without rows too. Waits while too much is pending. */
  add(topic: string, offset: number, rows: Rows): Promise<void>;
  /** True once every record below `offset` is stored and committed; false when the writer ends before. */
  storedBelow(topic: string, offset: number): Promise<boolean>;
  /** Commits what is committed already; false when somebody else owns the partition, also when nobody has told us yet. */
  proveOwnership(): Promise<boolean>;
  /** Stores what is pending, then stops. */
  close(): Promise<void>;
}

export interface RangeWriterOptions {
  group: string;
  assignment: Assignment;
  store: Store;
  clock: Clock;
  /** Told of rows that no sanitising made acceptable, and of inserts that will be tried again. */
  metrics: Pick<AnalyzerMetrics, "rowsRejected" | "storeRetried">;
  /** Shared by the writers that use one database. Default: none wait for each other. */
  turns?: StoreTurns;
  maxRangeItems?: number;
  maxPendingItems?: number;
}

interface PendingRecord {
  offset: number;
  rows: Rows;
  items: number;
}

interface Waiter {
  offset: number;
  resolve: (stored: boolean) => void;
}

interface TopicQueue {
  topic: string;
  pending: PendingRecord[];
  /** Where the range that a predecessor planned ends; it must be formed again whole. */
  plannedEnd: number | undefined;
  /** {@link unknownOffset} in a group that never committed, until the first record comes. */
  storedOffset: number;
  waiters: Waiter[];
}

const unknownOffset = -1;
const firstRetryMs = 100;

const refused = (items: readonly unknown[], reason: string): RejectedItem[] =>
  items.map((_item, index) => ({ index, reason }));

class PartitionRangeWriter implements RangeWriter {
  readonly #options: Required<RangeWriterOptions>;
  readonly #queues = new Map<string, TopicQueue>();
  readonly #running: Promise<void>;
  #closing = false;
  #ended = false;
  #pendingItems = 0;
  #roomWaiters: (() => void)[] = [];
  #proofWaiters: ((proven: boolean) => void)[] = [];
  #wake: () => void = () => undefined;

  constructor(options: RangeWriterOptions) {
    const defaults = { turns: new StoreTurns(), maxRangeItems: 8_000, maxPendingItems: 20_000 };
    this.#options = { ...defaults, ...options };
    options.assignment.signal.addEventListener("abort", () => this.#wake(), { once: true });
    // A lost partition ends the loop; whoever owns it now forms the planned range again.
    this.#running = this.#run().finally(() => this.#releaseAll());
  }

  get isBehind(): boolean {
    return this.#pendingItems > this.#options.maxPendingItems / 4;
  }

  get #signal(): AbortSignal {
    return this.#options.assignment.signal;
  }

  async add(topic: string, offset: number, rows: Rows): Promise<void> {
    const queue = this.#queueOf(topic);
    if (queue.storedOffset === unknownOffset) queue.storedOffset = offset;
    if (offset < queue.storedOffset) {
      throw new RejectedError(`Record ${topic}@${String(offset)} is stored already.`, {
        code: "RECORD_STORED",
      });
    }
    const items = countOf(rows);
    queue.pending.push({ offset, rows, items });
    this.#pendingItems += items;
    this.#wake();
    while (this.#pendingItems > this.#options.maxPendingItems && !this.#signal.aborted) {
      await new Promise<void>((resolve) => this.#roomWaiters.push(resolve));
    }
  }

  storedBelow(topic: string, offset: number): Promise<boolean> {
    const queue = this.#queueOf(topic);
    if (queue.storedOffset >= offset) return Promise.resolve(true);
    if (this.#ended || this.#signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => queue.waiters.push({ offset, resolve }));
  }

  proveOwnership(): Promise<boolean> {
    if (this.#signal.aborted) return Promise.resolve(false);
    if (this.#ended) return this.#commitAgain().then(() => true);
    return new Promise((resolve) => {
      this.#proofWaiters.push(resolve);
      this.#wake();
    });
  }

  async close(): Promise<void> {
    this.#closing = true;
    this.#wake();
    await this.#running;
  }

  #queueOf(topic: string): TopicQueue {
    let queue = this.#queues.get(topic);
    if (queue === undefined) {
      const committed = this.#options.assignment.committed.get(topic);
      const plannedEnd = plannedEndOf(committed);
      const storedOffset = committed?.offset ?? unknownOffset;
      queue = { topic, pending: [], plannedEnd, storedOffset, waiters: [] };
      this.#queues.set(topic, queue);
    }
    return queue;
  }

  /** The records of the next range, none when the planned one is not complete yet. */
  #nextRange(queue: TopicQueue): PendingRecord[] {
    const { pending, plannedEnd } = queue;
    const last = pending.at(-1);
    if (last === undefined) return [];
    if (plannedEnd !== undefined && plannedEnd > queue.storedOffset) {
      return last.offset + 1 < plannedEnd ? [] : pending.filter((record) => record.offset < plannedEnd);
    }
    let items = 0;
    const end = pending.findIndex((record, index) => {
      items += record.items;
      return index > 0 && items > this.#options.maxRangeItems;
    });
    return end < 0 ? [...pending] : pending.slice(0, end);
  }

  async #insertUntilStored<Name extends TableName>(
    table: Name,
    items: readonly TableItems[Name][],
    token: string,
  ): Promise<void> {
    const { store, clock, metrics } = this.#options;
    const onError = (error: unknown): void => metrics.storeRetried(error);
    const isStored = await patiently({ clock, signal: this.#signal, onError }, async () => {
      const { rejected } = await store.insert(table, items, token).catch((error: unknown) => {
        if (!isPlumblineError(error) || error.nextMove !== "reject") throw error;
        return { rejected: refused(items, error.message) };
      });
      if (rejected.length > 0) metrics.rowsRejected(table, rejected);
    });
    if (!isStored) throw this.#signal.reason;
  }

  async #storeRange(queue: TopicQueue, range: readonly PendingRecord[]): Promise<void> {
    const { group, assignment } = this.#options;
    const from = queue.storedOffset;
    const to = (range.at(-1)?.offset ?? from) + 1;
    const tables = Object.entries(mergeRows(range)) as [TableName, readonly TableItems[TableName][]][];
    const filled = tables.filter(([, items]) => items.length > 0);
    queue.plannedEnd = to;
    if (filled.length > 0) {
      await assignment.commit(queue.topic, { offset: from, metadata: noteOf(to) });
    }
    const token = `${group}:${queue.topic}:${String(assignment.partition)}:${String(from)}-${String(to)}`;
    await Promise.all(
      filled.map(([table, items]) => this.#insertUntilStored(table, items, `${token}:${table}`)),
    );
    await assignment.commit(queue.topic, { offset: to, metadata: "" });
    this.#finishRange(queue, range.length, to);
  }

  #finishRange(queue: TopicQueue, records: number, to: number): void {
    const done = queue.pending.splice(0, records);
    this.#pendingItems -= done.reduce((sum, record) => sum + record.items, 0);
    queue.plannedEnd = undefined;
    queue.storedOffset = to;
    const reached = queue.waiters.filter((waiter) => waiter.offset <= to);
    queue.waiters = queue.waiters.filter((waiter) => waiter.offset > to);
    for (const waiter of reached) waiter.resolve(true);
    this.#releaseRoom();
  }

  /** Between two ranges only: it must not write over the plan of a range in work. */
  async #prove(): Promise<void> {
    if (this.#proofWaiters.length === 0) return;
    await this.#commitAgain();
    for (const resolve of this.#proofWaiters.splice(0)) resolve(true);
  }

  async #commitAgain(): Promise<void> {
    const queue = [...this.#queues.values()].find(({ storedOffset }) => storedOffset !== unknownOffset);
    if (queue === undefined) return;
    const { topic, storedOffset: offset, plannedEnd: to } = queue;
    const metadata = to === undefined || to <= offset ? "" : noteOf(to);
    await this.#options.assignment.commit(topic, { offset, metadata });
  }

  async #storeAll(): Promise<boolean> {
    await this.#prove();
    let stored = false;
    for (const queue of this.#queues.values()) {
      if (queue.pending.length === 0) continue;
      if (await this.#options.turns.take(() => this.#storeNext(queue))) stored = true;
    }
    return stored;
  }

  async #storeNext(queue: TopicQueue): Promise<boolean> {
    const range = this.#nextRange(queue);
    if (range.length === 0) return false;
    await this.#storeRange(queue, range);
    return true;
  }

  /** A commit that failed while the partition is still ours is tried again with the same range. */
  async #storeAllPatiently(): Promise<boolean> {
    try {
      return await this.#storeAll();
    } catch (error) {
      if (this.#signal.aborted) return false;
      this.#options.metrics.storeRetried(error);
      await this.#options.clock.sleep(firstRetryMs);
      return true;
    }
  }

  async #run(): Promise<void> {
    while (!this.#signal.aborted) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const closing = this.#closing;
      if (await this.#storeAllPatiently()) continue;
      if (closing) return;
      await woken;
    }
  }

  #releaseRoom(): void {
    const waiting = this.#roomWaiters;
    this.#roomWaiters = [];
    for (const resume of waiting) resume();
  }

  #releaseAll(): void {
    this.#ended = true;
    for (const resolve of this.#proofWaiters.splice(0)) resolve(false);
    for (const queue of this.#queues.values()) for (const waiter of queue.waiters) waiter.resolve(false);
    this.#releaseRoom();
  }
}

export function createRangeWriter(options: RangeWriterOptions): RangeWriter {
  return new PartitionRangeWriter(options);
}
