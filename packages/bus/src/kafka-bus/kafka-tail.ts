import type { Admin } from "kafkajs";
import { type Clock, messageOf } from "@plumbline/contracts";
import { busClosed } from "../bus-errors.ts";
import type { ReceivedRecord, Tail, TailOptions } from "../bus.ts";
import type { RedeliveryPauses, ReportFailure } from "../delivery-failure.ts";
import { fixedAssigner } from "./co-partition-assigner.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { type Fetched, KafkaSubscription, type SubscriptionHandlers } from "./kafka-subscription.ts";
import type { OffsetRange } from "./kafka-topics.ts";
import { type MessagePlace, recordOfMessage } from "./record-mapping.ts";

export interface KafkaTailSettings {
  client: KafkaClient;
  admin: Admin;
  clock: Clock;
  report: ReportFailure;
  restartPauses: RedeliveryPauses;
  sessionTimeoutMs: number;
  /** Used by this tail alone. */
  groupId: string;
  options: TailOptions;
  /** What stood in the topic when the tail began, by partition; only the tail's own partitions. */
  ranges: ReadonlyMap<number, OffsetRange>;
}

/** Reads partitions as a group of one that never commits, and takes the group away at the end. */
export class KafkaTail implements Tail, SubscriptionHandlers {
  readonly caughtUp: Promise<void>;
  readonly #settings: KafkaTailSettings;
  readonly #subscription: KafkaSubscription;
  readonly #positions = new Map<number, number>();
  readonly #reached = Promise.withResolvers<void>();
  #closed: Promise<void> | undefined;

  constructor(settings: KafkaTailSettings) {
    this.#settings = settings;
    const { client, clock, groupId, options, ranges, restartPauses, sessionTimeoutMs } = settings;
    for (const [partition, { low, high }] of ranges)
      this.#positions.set(partition, options.from === "now" ? high : low);
    this.caughtUp = this.#reached.promise;
    this.caughtUp.catch(() => undefined);
    this.#subscription = new KafkaSubscription({
      client,
      clock,
      groupId,
      topics: [options.topic],
      sessionTimeoutMs,
      restartPauses,
      assigner: () => fixedAssigner(client.kafkajs.AssignerProtocol, [...ranges.keys()]),
      handlers: this,
    });
    this.#checkCaughtUp();
  }

  async start(): Promise<void> {
    await this.#subscription.start();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#end();
    await this.#closed;
  }

  joined(): void {
    const { topic } = this.#settings.options;
    for (const [partition, position] of this.#positions)
      this.#subscription.seek({ topic, partition }, position);
  }

  lost = (): void => undefined;

  fetched({ topic, partition, messages }: Fetched): void {
    for (const message of messages) {
      const offset = Number(message.offset);
      if (this.#closed !== undefined || offset < (this.#positions.get(partition) ?? 0)) continue;
      this.#positions.set(partition, offset + 1);
      this.#deliver(recordOfMessage({ topic, partition }, message));
    }
  }

  passed({ partition }: MessagePlace, lastOffset: number): void {
    this.#positions.set(partition, Math.max(this.#positions.get(partition) ?? 0, lastOffset + 1));
    this.#checkCaughtUp();
  }

  crashed(error: unknown, attempt: number, retryInMs: number): void {
    const { topic } = this.#settings.options;
    const failure = new Error(`The tail of ${topic} stopped: ${messageOf(error)}`, { cause: error });
    this.#settings.report({
      during: "tail",
      group: "",
      topic,
      partition: -1,
      attempt,
      retryInMs,
      error: failure,
    });
  }

  #deliver(record: ReceivedRecord): void {
    const { topic, partition } = record;
    try {
      this.#settings.options.onRecord(record);
    } catch (error) {
      this.#settings.report({
        during: "tail",
        group: "",
        topic,
        partition,
        attempt: 1,
        retryInMs: null,
        error,
      });
    }
  }

  #checkCaughtUp(): void {
    const { ranges } = this.#settings;
    if ([...ranges].every(([partition, { high }]) => (this.#positions.get(partition) ?? 0) >= high))
      this.#reached.resolve();
  }

  async #end(): Promise<void> {
    const { admin, groupId } = this.#settings;
    this.#reached.reject(busClosed());
    await this.#subscription.close();
    await admin.deleteGroups([groupId]).catch(() => undefined);
  }
}
