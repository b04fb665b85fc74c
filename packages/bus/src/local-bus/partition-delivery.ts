import type { Clock } from "@plumbline/contracts";
import { assignmentLost, checkCommit, foreignTopic } from "../bus-errors.ts";
import type { Assignment, Batch, Commit, ConsumeOptions, PartitionWorker } from "../bus.ts";
import {
  type DeliveryFailure,
  type RedeliveryPauses,
  type ReportFailure,
  redeliveryPauseMs,
} from "../delivery-failure.ts";
import { defaultMaxBatchBytes, defaultMaxBatchRecords } from "../limits.ts";
import type { RecordLog } from "./record-log.ts";
import { TopicCursor } from "./topic-cursor.ts";
import { WakeUp, type WakeUpRegistry, yieldToEventLoop } from "./wake-up.ts";

/** What deliveries of one bus share. */
export interface DeliveryContext {
  log: RecordLog;
  clock: Clock;
  wakeUps: WakeUpRegistry;
  redelivery: RedeliveryPauses;
  report: ReportFailure;
}

export interface DeliverySettings {
  context: DeliveryContext;
  options: ConsumeOptions;
  partition: number;
  isPaused: () => boolean;
}

/**
 * Delivers one partition number of all topics of a group to one worker, from open to close. Batches arrive one at a
 * time; a failed one holds back its own topic only.
 */
export class PartitionDelivery {
  readonly #settings: DeliverySettings;
  readonly #wakeUp = new WakeUp();
  /** Aborts when no further batch may start. */
  readonly #stopping = new AbortController();
  /** Aborts when the partition is no longer owned: after the last batch and the worker's close. */
  readonly #owned = new AbortController();
  #cursors: TopicCursor[] = [];
  #ended: Promise<void> = Promise.resolve();

  constructor(settings: DeliverySettings) {
    this.#settings = settings;
  }

  start(): void {
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wakeUp.raise();
    await this.#ended;
  }

  wake(): void {
    this.#wakeUp.raise();
  }

  /** Undefined while the worker is being opened. */
  position(topic: string): number | undefined {
    return this.#cursors.find((cursor) => cursor.place.topic === topic)?.position;
  }

  async #run(): Promise<void> {
    const worker = await this.#open();
    if (worker !== undefined) {
      const unsubscribe = this.#subscribe(worker);
      await this.#deliver(worker);
      for (const remove of unsubscribe) remove();
      await this.#close(worker);
    }
    this.#owned.abort();
  }

  async #close(worker: PartitionWorker): Promise<void> {
    try {
      await worker.close();
    } catch (error) {
      this.#report({ during: "close", attempt: 1, retryInMs: null, error });
    }
  }

  async #open(): Promise<PartitionWorker | undefined> {
    for (let attempt = 1; !this.#stopping.signal.aborted; attempt += 1) {
      try {
        return await this.#settings.options.open(this.#assignment());
      } catch (error) {
        const retryInMs = this.#pauseMs(attempt);
        this.#report({ during: "open", attempt, retryInMs, error });
        await this.#sleep(retryInMs);
      }
    }
    return undefined;
  }

  #assignment(): Assignment {
    const { context, options, partition } = this.#settings;
    const { group, topics } = options;
    const { signal } = this.#owned;
    const committed = new Map<string, Commit>();
    for (const topic of topics) {
      const commit = context.log.commitOf({ group, topic, partition });
      if (commit !== undefined) committed.set(topic, commit);
    }
    return {
      partition,
      committed,
      signal,
      commit: async (topic, commit) => {
        if (signal.aborted) throw assignmentLost(group, partition);
        if (!topics.includes(topic)) throw foreignTopic(group, topic);
        checkCommit(group, commit);
        await context.log.commit({ group, topic, partition, commit, atMs: context.clock.nowMs() });
      },
    };
  }

  #subscribe(worker: PartitionWorker): (() => void)[] {
    const { context, options, partition } = this.#settings;
    const {
      group,
      topics,
      maxBatchRecords = defaultMaxBatchRecords,
      maxBatchBytes = defaultMaxBatchBytes,
    } = options;
    this.#cursors = topics.map((topic) => {
      const startOffset =
        worker.startAt?.get(topic) ?? context.log.commitOf({ group, topic, partition })?.offset ?? 0;
      return new TopicCursor({
        log: context.log,
        place: { topic, partition },
        startOffset,
        maxRecords: maxBatchRecords,
        maxBytes: maxBatchBytes,
      });
    });
    return this.#cursors.map((cursor) => context.wakeUps.add(cursor.place, this.#wakeUp));
  }

  async #deliver(worker: PartitionWorker): Promise<void> {
    let turn = 0;
    while (!this.#stopping.signal.aborted) {
      const next = this.#settings.isPaused() ? undefined : this.#next(turn);
      if (next === undefined) {
        await this.#wakeUp.wait();
        continue;
      }
      turn = this.#cursors.indexOf(next.cursor) + 1;
      await this.#deliverOne(worker, next);
      await yieldToEventLoop();
    }
  }

  #next(turn: number): { cursor: TopicCursor; batch: Batch } | undefined {
    for (let step = 0; step < this.#cursors.length; step += 1) {
      const cursor = this.#cursors[(turn + step) % this.#cursors.length];
      const batch = cursor === undefined ? undefined : this.#read(cursor);
      if (cursor !== undefined && batch !== undefined) return { cursor, batch };
    }
    return undefined;
  }

  #read(cursor: TopicCursor): Batch | undefined {
    try {
      return cursor.next();
    } catch (error) {
      const retryInMs = this.#settings.context.redelivery.longestMs;
      this.#report({ during: "read", topic: cursor.place.topic, attempt: 1, retryInMs, error });
      void this.#sleep(retryInMs).then(() => this.#wakeUp.raise());
      return undefined;
    }
  }

  async #deliverOne(
    worker: PartitionWorker,
    { cursor, batch }: { cursor: TopicCursor; batch: Batch },
  ): Promise<void> {
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
