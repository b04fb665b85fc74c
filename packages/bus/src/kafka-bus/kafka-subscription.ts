import type {
  Consumer,
  ConsumerCommitOffsetsEvent,
  ConsumerGroupJoinEvent,
  EachBatchPayload,
  KafkaMessage,
  PartitionAssigner,
} from "kafkajs";
import { type Clock, RetryableError } from "@plumbline/contracts";
import type { Commit } from "../bus.ts";
import { type RedeliveryPauses, redeliveryPauseMs } from "../delivery-failure.ts";
import type { KafkaClient } from "./kafka-client.ts";
import type { MessagePlace } from "./record-mapping.ts";

export interface Fetched extends MessagePlace {
  messages: readonly KafkaMessage[];
  /** Offset that the next published record would get. */
  highWatermark: number;
}

export interface SubscriptionHandlers {
  /** Partition numbers that are ours from now on. `continuous`: nobody else can have had those that were ours before. */
  joined(partitions: ReadonlySet<number>, continuous: boolean): void;
  /** Nothing is ours until the next join. */
  lost(): void;
  fetched(fetched: Fetched): void;
  /** Everything up to this offset has been fetched, whether it held records or not. */
  passed(place: MessagePlace, lastOffset: number): void;
  /** The client gave up and is started again after the pause. */
  crashed(error: unknown, attempt: number, retryInMs: number): void;
}

export interface SubscriptionSettings {
  client: KafkaClient;
  clock: Clock;
  groupId: string;
  topics: readonly string[];
  sessionTimeoutMs: number;
  restartPauses: RedeliveryPauses;
  /** Is told when the member asks to join. */
  assigner: (onJoining: () => void) => PartitionAssigner;
  handlers: SubscriptionHandlers;
}

/**
 * How long a broker may hold a fetch back when there is nothing. Resumed partitions and a consumer that leaves wait for it;
 * the shorter it is, the more an idle consumer costs.
 */
const fetchWaitMs = 100;
/** As they lie in the log: compressed, it is ten times as much that has to be read at one go. */
const fetchPartitionBytes = 128 * 1024;
const fetchBytes = 16 * 1024 * 1024;

/** One member of a Kafka group: joins, fetches, hands over at once, and is replaced when the client gives up. */
export class KafkaSubscription {
  readonly #settings: SubscriptionSettings;
  readonly #closing = new AbortController();
  readonly #confirmed = new Set<string>();
  #consumer: Consumer | undefined;
  #memberId = "";
  #joinAttempts = 0;
  #joins = 0;
  #crashes = 0;
  #joinWaiters: (() => void)[] = [];
  #restarting: Promise<void> = Promise.resolve();

  constructor(settings: SubscriptionSettings) {
    this.#settings = settings;
  }

  /** Counts joins and losses; a commit that failed for membership is worth repeating once it has grown. */
  get joins(): number {
    return this.#joins;
  }

  /** Resolves after the first attempt to join; later ones go on by themselves. */
  async start(): Promise<void> {
    const { client, groupId, topics, sessionTimeoutMs, assigner } = this.#settings;
    const consumer = client.kafka.consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs,
      heartbeatInterval: Math.min(500, Math.floor(sessionTimeoutMs / 4)),
      maxWaitTimeInMs: fetchWaitMs,
      maxBytesPerPartition: fetchPartitionBytes,
      maxBytes: fetchBytes,
      allowAutoTopicCreation: false,
      partitionAssigners: [assigner(() => (this.#joinAttempts += 1))],
      retry: { ...client.retry, restartOnFailure: () => Promise.resolve(false) },
    });
    this.#consumer = consumer;
    this.#memberId = "";
    this.#listen(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      if (!this.#closing.signal.aborted) {
        await consumer.run({ autoCommit: false, eachBatch: (payload) => this.#onBatch(consumer, payload) });
      }
    } catch (error) {
      this.#onCrash(consumer, error);
    }
    if (this.#closing.signal.aborted) await consumer.disconnect().catch(() => undefined);
  }

  pause({ topic, partition }: MessagePlace): void {
    this.#tolerantly((consumer) => consumer.pause([{ topic, partitions: [partition] }]));
  }

  resume({ topic, partition }: MessagePlace): void {
    this.#tolerantly((consumer) => consumer.resume([{ topic, partitions: [partition] }]));
  }

  seek({ topic, partition }: MessagePlace, offset: number): void {
    this.#tolerantly((consumer) => consumer.seek({ topic, partition, offset: String(offset) }));
  }

  /** Rejects with the client's error; a commit that kafkajs dropped silently because it is not running rejects too. */
  async commit({ topic, partition }: MessagePlace, { offset, metadata }: Commit): Promise<void> {
    const key = `${topic}/${String(partition)}/${String(offset)}`;
    this.#confirmed.delete(key);
    await this.#consumer?.commitOffsets([{ topic, partition, offset: String(offset), metadata }]);
    if (this.#confirmed.delete(key)) return;
    throw new RetryableError("The consumer is not running.", { code: "COMMIT_FAILED" });
  }

  /** Resolves at the next join or loss, or after `timeoutMs`. */
  async nextJoin(timeoutMs: number): Promise<void> {
    const waiter = Promise.withResolvers<void>();
    this.#joinWaiters.push(waiter.resolve);
    const sleep = this.#settings.clock.sleep(timeoutMs, this.#closing.signal).catch(() => undefined);
    await Promise.race([waiter.promise, sleep]);
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("closed"));
    await this.#restarting;
    const consumer = this.#consumer;
    this.#consumer = undefined;
    await consumer?.disconnect().catch(() => undefined);
  }

  #listen(consumer: Consumer): void {
    const { GROUP_JOIN, CRASH, COMMIT_OFFSETS, END_BATCH_PROCESS } = consumer.events;
    consumer.on(GROUP_JOIN, (event) => {
      if (consumer === this.#consumer) this.#onJoin(event);
    });
    consumer.on(CRASH, ({ payload }) => {
      this.#onCrash(consumer, payload.error);
    });
    consumer.on(COMMIT_OFFSETS, (event) => {
      this.#onCommitted(event);
    });
    consumer.on(END_BATCH_PROCESS, ({ payload: { topic, partition, lastOffset } }) => {
      if (consumer === this.#consumer)
        this.#settings.handlers.passed({ topic, partition }, Number(lastOffset));
    });
  }

  #onJoin({ payload }: ConsumerGroupJoinEvent): void {
    const continuous = this.#joinAttempts === 1 && this.#memberId === payload.memberId;
    this.#joinAttempts = 0;
    this.#crashes = 0;
    this.#memberId = payload.memberId;
    const [first = [], ...others] = this.#settings.topics.map(
      (topic) => payload.memberAssignment[topic] ?? [],
    );
    const partitions = new Set(
      first.filter((partition) => others.every((numbers) => numbers.includes(partition))),
    );
    this.#settings.handlers.joined(partitions, continuous);
    this.#releaseWaiters();
  }

  #onCrash(consumer: Consumer, error: unknown): void {
    if (consumer !== this.#consumer) return;
    this.#consumer = undefined;
    this.#settings.handlers.lost();
    this.#releaseWaiters();
    if (this.#closing.signal.aborted) return;
    this.#crashes += 1;
    const pauseMs = redeliveryPauseMs(this.#settings.restartPauses, this.#crashes);
    this.#settings.handlers.crashed(error, this.#crashes, pauseMs);
    this.#restarting = this.#restart(consumer, pauseMs);
  }

  async #restart(crashed: Consumer, pauseMs: number): Promise<void> {
    await crashed.disconnect().catch(() => undefined);
    await this.#settings.clock.sleep(pauseMs, this.#closing.signal).catch(() => undefined);
    if (!this.#closing.signal.aborted) void this.start();
  }

  #onCommitted({ payload }: ConsumerCommitOffsetsEvent): void {
    for (const { topic, partitions } of payload.topics) {
      for (const { partition, offset } of partitions)
        this.#confirmed.add(`${topic}/${String(partition)}/${String(offset)}`);
    }
  }

  async #onBatch(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    if (consumer !== this.#consumer || payload.isStale()) return;
    const { batch } = payload;
    const { topic, partition, messages, highWatermark } = batch;
    this.#settings.handlers.fetched({ topic, partition, messages, highWatermark: Number(highWatermark) });
    await Promise.resolve();
  }

  #releaseWaiters(): void {
    this.#joins += 1;
    for (const resolve of this.#joinWaiters.splice(0)) resolve();
  }

  /** Between a crash and the next start there is nothing to steer; the next join sets everything anew. */
  #tolerantly(steer: (consumer: Consumer) => void): void {
    try {
      if (this.#consumer !== undefined) steer(this.#consumer);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== "KafkaJSNonRetriableError") throw error;
    }
  }
}
