import { type Clock, type Urgency, eventLoopTurn } from "@plumbline/contracts";
import { assignmentLost, checkCommit, foreignTopic } from "../bus-errors.ts";
import type { Assignment, Batch, Commit, ConsumeOptions, PartitionWorker } from "../bus.ts";
import {
  type DeliveryFailure,
  type RedeliveryPauses,
  type ReportFailure,
  redeliveryPauseMs,
} from "../delivery-failure.ts";
import { defaultMaxBatchBytes, defaultMaxBatchRecords } from "../limits.ts";
import type { BatchLimits, PartitionSource } from "./partition-source.ts";
import { TopicCursor } from "./topic-cursor.ts";
import { WakeUp } from "./wake-up.ts";

/** What deliveries of one bus share. */
export interface DeliveryContext {
  clock: Clock;
  redelivery: RedeliveryPauses;
  report: ReportFailure;
}

export interface DeliverySettings {
  context: DeliveryContext;
  source: PartitionSource;
  options: ConsumeOptions;
  partition: number;
  isPaused: () => boolean;
}

const urgencyOf = (worker: PartitionWorker, topic: string): Urgency => worker.urgencyOf?.(topic) ?? "prompt";

/**
 * Delivers one partition number of all topics of a group to one worker, from open to close. Batches arrive one at a
 * time; a failed one holds back its own topic only.
 */
export class PartitionDelivery {
  readonly #settings: DeliverySettings;
  readonly #wakeUp = new WakeUp();
  /** Aborts when no further batch may start. */
  readonly #stopping = new AbortController();
  /** Aborts when the partition is no longer owned: after the worker's close, or as soon as it is lost. */
  readonly #owned = new AbortController();
  #cursors: TopicCursor[] = [];
  #ended: Promise<void> = Promise.resolve();

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
  }

  start(): void {
    this.#ended = this.#run();
  }

  /** Lets the batch in work end and commit, and the worker close. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wakeUp.raise();
    await this.#ended;
  }

  /** Somebody else owns the partition: commits are refused from now on. */
  lose(): void {
    this.#owned.abort();
    this.#stopping.abort();
    this.#wakeUp.raise();
  }

  wake(): void {
    this.#wakeUp.raise();
  }

  /** Offset up to which the worker has accepted records; 0 when none. */
  handled(topic: string): number {
    return this.#cursors.find((cursor) => cursor.topic === topic)?.handled ?? 0;
  }

  async #run(): Promise<void> {
    const worker = await this.#open();
    if (worker !== undefined) {
      await this.#deliver(worker);
      this.#settings.source.end();
      await this.#close(worker);
    }
    this.#owned.abort();
  }

  async #open(): Promise<PartitionWorker | undefined> {
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt += 1) {
      try {
        return await this.#openOnce();
      } catch (error) {
        const retryInMs = this.#pauseMs(attempt);
        this.#report({ during: "open", attempt, retryInMs, error });
        await this.#sleep(retryInMs);
      }
    }
    return undefined;
  }

  async #openOnce(): Promise<PartitionWorker> {
    const { source, options } = this.#settings;
    const { maxBatchRecords = defaultMaxBatchRecords, maxBatchBytes = defaultMaxBatchBytes } = options;
    const committed = await source.committed();
    const worker = await options.open(this.#assignment(committed));
    const starts = new Map<string, number>();
    for (const topic of options.topics) {
      const start = worker.startAt?.get(topic) ?? committed.get(topic)?.offset;
      if (start !== undefined) starts.set(topic, start);
    }
    try {
      const readers = await source.begin(starts, this.#wakeUp);
      const limits = (): BatchLimits => ({
        maxRecords: typeof maxBatchRecords === "function" ? maxBatchRecords() : maxBatchRecords,
        maxBytes: maxBatchBytes,
      });
      this.#cursors = readers.map((reader) => new TopicCursor(reader, limits));
      return worker;
    } catch (error) {
      await this.#close(worker);
      throw error;
    }
  }

  #assignment(committed: ReadonlyMap<string, Commit>): Assignment {
    const { source, options, partition } = this.#settings;
    const { group, topics } = options;
    const { signal } = this.#owned;
    return {
      partition,
      committed,
      signal,
      commit: async (topic, commit) => {
        if (signal.aborted) throw assignmentLost(group, partition);
        if (!topics.includes(topic)) throw foreignTopic(group, topic);
        checkCommit(group, commit);
        await source.commit(topic, commit, signal);
      },
      wake: () => this.wake(),
    };
  }

  async #close(worker: PartitionWorker): Promise<void> {
    try {
      await worker.close();
    } catch (error) {
      this.#report({ during: "close", attempt: 1, retryInMs: null, error });
    }
  }

  async #deliver(worker: PartitionWorker): Promise<void> {
    let turn = 0;
    while (!this.#stopping.signal.aborted) {
      const next = this.#next(worker, turn);
      if (next === undefined) {
        await this.#untilReady(worker);
      } else {
        turn = this.#cursors.indexOf(next.cursor) + 1;
        await this.#deliverOne(worker, next);
      }
      // Also after a wait: what one answer of a broker brings for many partitions is more than a turn.
      await eventLoopTurn(() => this.#urgency(worker));
    }
  }

  /** Who is woken for nothing takes no turn of the event loop. */
  async #untilReady(worker: PartitionWorker): Promise<void> {
    do await this.#wakeUp.wait();
    while (!this.#stopping.signal.aborted && this.#ready(worker).length === 0);
  }

  #ready(worker: PartitionWorker): TopicCursor[] {
    if (this.#settings.isPaused()) return [];
    return this.#cursors.filter(({ topic, hasMore }) => hasMore && worker.takes?.(topic) !== false);
  }

  /** That of the most urgent among the topics that have a batch. */
  #urgency(worker: PartitionWorker): Urgency {
    const ready = new Set(this.#ready(worker).map(({ topic }) => urgencyOf(worker, topic)));
    if (ready.has("urgent")) return "urgent";
    return ready.has("prompt") ? "prompt" : "bulk";
  }

  /** The topics take turns; urgent ones go before the others. */
  #next(worker: PartitionWorker, turn: number): { cursor: TopicCursor; batch: Batch } | undefined {
    const ready = this.#ready(worker);
    const isUrgent = ({ topic }: TopicCursor): boolean => urgencyOf(worker, topic) === "urgent";
    const isInTurn = (cursor: TopicCursor): boolean => this.#cursors.indexOf(cursor) >= turn;
    for (const cursor of new Set([...ready.filter(isUrgent), ...ready.filter(isInTurn), ...ready])) {
      const batch = this.#read(cursor);
      if (batch !== undefined) return { cursor, batch };
    }
    return undefined;
  }

  #read(cursor: TopicCursor): Batch | undefined {
    try {
      return cursor.next();
    } catch (error) {
      const retryInMs = this.#settings.context.redelivery.longestMs;
      this.#report({ during: "read", topic: cursor.topic, attempt: 1, retryInMs, error });
      void this.#sleep(retryInMs).then(() => {
        this.#wakeUp.raise();
      });
      return undefined;
    }
  }

  async #deliverOne(worker: PartitionWorker, next: { cursor: TopicCursor; batch: Batch }): Promise<void> {
    const { cursor, batch } = next;
    try {
      await worker.onBatch(batch);
      cursor.accept(batch);
    } catch (error) {
      const attempt = cursor.fail(batch);
      const retryInMs = this.#pauseMs(attempt);
      this.#report({ during: "batch", topic: batch.topic, attempt, retryInMs, error });
      void this.#sleep(retryInMs).then(() => {
        cursor.retryNow();
        this.#wakeUp.raise();
      });
    }
  }

  #pauseMs(attempt: number): number {
    return redeliveryPauseMs(this.#settings.context.redelivery, attempt);
  }

  /** Ends early, without an error, when the delivery is being stopped. */
  async #sleep(durationMs: number): Promise<void> {
    await this.#settings.context.clock.sleep(durationMs, this.#stopping.signal).catch(() => undefined);
  }

  #report(failure: Omit<DeliveryFailure, "group" | "partition" | "topic"> & { topic?: string }): void {
    const { context, options, partition } = this.#settings;
    context.report({ topic: "", ...failure, group: options.group, partition });
  }
}
