import type { Admin } from "kafkajs";
import { messageOf } from "@plumbline/contracts";
import type { ConsumeOptions, Consumption } from "../bus.ts";
import { type DeliveryContext, PartitionDelivery } from "../delivery/partition-delivery.ts";
import { PartitionSlot, type Tenure } from "../delivery/partition-slot.ts";
import { coPartitionAssigner } from "./co-partition-assigner.ts";
import type { KafkaClient } from "./kafka-client.ts";
import { KafkaSource } from "./kafka-source.ts";
import { type Fetched, KafkaSubscription, type SubscriptionHandlers } from "./kafka-subscription.ts";
import type { KafkaTopics } from "./kafka-topics.ts";

export interface KafkaGroupSettings {
  client: KafkaClient;
  admin: Admin;
  topics: KafkaTopics;
  context: DeliveryContext;
  sessionTimeoutMs: number;
  partitionCount: number;
  options: ConsumeOptions;
}

/** This process' member of a group, with a worker for each partition number it owns. */
export class KafkaGroup implements Consumption, SubscriptionHandlers {
  readonly #settings: KafkaGroupSettings;
  readonly #slots: readonly PartitionSlot[];
  readonly #sources = new Map<number, KafkaSource>();
  readonly #subscription: KafkaSubscription;
  #paused = false;
  #closed: Promise<void> | undefined;

  constructor(settings: KafkaGroupSettings) {
    this.#settings = settings;
    const { client, context, sessionTimeoutMs, partitionCount, options } = settings;
    this.#slots = Array.from({ length: partitionCount }, (_, partition) => new PartitionSlot(partition));
    this.#subscription = new KafkaSubscription({
      client,
      clock: context.clock,
      groupId: options.group,
      topics: options.topics,
      sessionTimeoutMs,
      restartPauses: context.redelivery,
      assigner: (onJoining) =>
        coPartitionAssigner({
          assignerProtocol: client.kafkajs.AssignerProtocol,
          owned: () => this.#owned(),
          onJoining,
        }),
      handlers: this,
    });
  }

  async start(): Promise<void> {
    await this.#subscription.start();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const slot of this.#slots) slot.delivery?.wake();
  }

  async close(): Promise<void> {
    this.#closed ??= this.#leave();
    await this.#closed;
  }

  joined(partitions: ReadonlySet<number>, continuous: boolean): void {
    for (const slot of this.#slots) {
      const { partition } = slot;
      if (!continuous || !partitions.has(partition)) this.#lose(slot);
      if (!partitions.has(partition) || this.#closed !== undefined) continue;
      if (slot.target === undefined) this.#gain(slot);
      else this.#sources.get(partition)?.rejoined();
    }
  }

  lost(): void {
    for (const slot of this.#slots) this.#lose(slot);
  }

  fetched(fetched: Fetched): void {
    this.#sources.get(fetched.partition)?.add(fetched);
  }

  passed = (): void => undefined;

  crashed(error: unknown, attempt: number, retryInMs: number): void {
    const { context, options } = this.#settings;
    const failure = new Error(`The consumer of group ${options.group} stopped: ${messageOf(error)}`, {
      cause: error,
    });
    context.report({
      during: "read",
      group: options.group,
      topic: "",
      partition: -1,
      attempt,
      retryInMs,
      error: failure,
    });
  }

  async #leave(): Promise<void> {
    for (const slot of this.#slots) slot.give(undefined);
    await Promise.all(this.#slots.map((slot) => slot.settled));
    await this.#subscription.close();
  }

  #owned(): number[] {
    return this.#slots.filter((slot) => slot.target !== undefined).map((slot) => slot.partition);
  }

  #lose(slot: PartitionSlot): void {
    if (slot.delivery !== undefined) slot.delivery.lose();
    slot.give(undefined);
  }

  #gain(slot: PartitionSlot): void {
    const { partition } = slot;
    for (const topic of this.#settings.options.topics) this.#subscription.pause({ topic, partition });
    const tenure: Tenure = { start: () => this.#start(partition) };
    slot.give(tenure);
  }

  #start(partition: number): PartitionDelivery {
    const { admin, topics, context, options, sessionTimeoutMs } = this.#settings;
    const source = new KafkaSource({
      admin,
      topics,
      subscription: this.#subscription,
      group: options.group,
      topicNames: options.topics,
      partition,
      rebalanceWaitMs: sessionTimeoutMs,
    });
    this.#sources.set(partition, source);
    const delivery = new PartitionDelivery({
      context,
      source,
      options,
      partition,
      isPaused: () => this.#paused,
    });
    delivery.start();
    return delivery;
  }
}
