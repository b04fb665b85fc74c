import type { Admin } from "kafkajs";
import { type TopicSpec, systemClock, systemIds } from "@plumbline/contracts";
import { busClosed, invalidTopic, notCoPartitioned } from "../bus-errors.ts";
import type { Bus, BusRecord, ConsumeOptions, Consumption, Position, Tail, TailOptions } from "../bus.ts";
import { defaultRedelivery } from "../delivery-failure.ts";
import type { DeliveryContext } from "../delivery/partition-delivery.ts";
import { Placement, recordBytes } from "../publishing/placement.ts";
import { type KafkaClient, loadKafkaClient } from "./kafka-client.ts";
import { connectionFailed } from "./kafka-errors.ts";
import { KafkaGroup } from "./kafka-group.ts";
import type { KafkaBusOptions } from "./kafka-options.ts";
import { KafkaPublisher } from "./kafka-publisher.ts";
import { KafkaTail } from "./kafka-tail.ts";
import { KafkaTopics } from "./kafka-topics.ts";
import { SpareProducers } from "./spare-producers.ts";
import { messageOfRecord } from "./record-mapping.ts";

const defaultSessionTimeoutMs = 8000;
const defaultMaxQueuedBytes = 64 * 1024 * 1024;

class KafkaBus implements Bus {
  readonly #options: KafkaBusOptions;
  readonly #client: KafkaClient;
  readonly #admin: Admin;
  readonly #topics: KafkaTopics;
  /** By topic, so that few records of one that somebody waits for are not kept waiting by many of another. */
  readonly #publishers = new Map<string, KafkaPublisher>();
  readonly #producers: SpareProducers;
  readonly #placement = new Placement();
  readonly #context: DeliveryContext;
  readonly #open = new Set<KafkaGroup | KafkaTail>();
  #closing: Promise<void> | undefined;
  #closed = false;

  constructor(options: KafkaBusOptions, client: KafkaClient, admin: Admin) {
    this.#options = options;
    this.#client = client;
    this.#admin = admin;
    this.#topics = new KafkaTopics(admin, options.clock ?? systemClock, options.replicationFactor);
    this.#producers = new SpareProducers(client);
    this.#context = {
      clock: options.clock ?? systemClock,
      redelivery: { ...defaultRedelivery, ...options.redelivery },
      report: options.onFailure ?? (() => undefined),
    };
  }

  async createTopics(specs: readonly TopicSpec[]): Promise<void> {
    this.#checkOpen();
    for (const spec of specs)
      if (!Number.isInteger(spec.partitions) || spec.partitions < 1) throw invalidTopic(spec);
    await this.#topics.create(specs);
  }

  async publish(topic: string, records: readonly BusRecord[]): Promise<readonly Position[]> {
    this.#checkOpen();
    const spec = await this.#topics.spec(topic);
    const placed = this.#placement.place(spec, records);
    if (placed.length === 0) return [];
    const context = { compacted: spec.cleanup === "compact", timestampMs: this.#context.clock.nowMs() };
    const items = placed.map((record) => ({
      message: messageOfRecord(record, context),
      partition: record.partition,
      bytes: recordBytes(record),
    }));
    return this.#publisherOf(topic).publish(topic, items);
  }

  async consume(options: ConsumeOptions): Promise<Consumption> {
    this.#checkNotClosing();
    const specs = await Promise.all(options.topics.map((topic) => this.#topics.spec(topic)));
    const partitionCount = specs[0]?.partitions ?? 0;
    if (specs.some((spec) => spec.partitions !== partitionCount)) {
      throw notCoPartitioned(options.group, new Map(specs.map((spec) => [spec.name, spec.partitions])));
    }
    const group = new KafkaGroup({
      client: this.#client,
      admin: this.#admin,
      topics: this.#topics,
      context: this.#context,
      sessionTimeoutMs: this.#options.sessionTimeoutMs ?? defaultSessionTimeoutMs,
      partitionCount,
      options,
    });
    this.#open.add(group);
    await group.start();
    return {
      pause: () => {
        group.pause();
      },
      resume: () => {
        group.resume();
      },
      close: async () => {
        await group.close();
        this.#open.delete(group);
      },
    };
  }

  async tail(options: TailOptions): Promise<Tail> {
    this.#checkNotClosing();
    await this.#topics.spec(options.topic);
    const all = await this.#topics.offsets(options.topic);
    const wanted = new Set(options.partitions ?? all.keys());
    const {
      clientId = "plumbline",
      ids = systemIds,
      sessionTimeoutMs = defaultSessionTimeoutMs,
    } = this.#options;
    const tail = new KafkaTail({
      client: this.#client,
      admin: this.#admin,
      clock: this.#context.clock,
      report: this.#context.report,
      restartPauses: this.#context.redelivery,
      sessionTimeoutMs,
      groupId: `${clientId}-tail-${ids.next()}`,
      options,
      ranges: new Map([...all].filter(([partition]) => wanted.has(partition))),
    });
    this.#open.add(tail);
    await tail.start();
    return {
      caughtUp: tail.caughtUp,
      close: async () => {
        await tail.close();
        this.#open.delete(tail);
      },
    };
  }

  async partitionCount(topic: string): Promise<number> {
    this.#checkOpen();
    const { partitions } = await this.#topics.spec(topic);
    return partitions;
  }

  async check(): Promise<void> {
    this.#checkOpen();
    await this.#topics.brokerCount();
    await Promise.all([...this.#publishers.values()].map((publisher) => publisher.connect()));
    await this.#producers.connect();
  }

  async close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    await this.#closing;
  }

  async #shutDown(): Promise<void> {
    await Promise.all([...this.#open].map((opened) => opened.close()));
    this.#closed = true;
    await Promise.all([...this.#publishers.values()].map((publisher) => publisher.close()));
    await this.#producers.close();
    await this.#admin.disconnect();
  }

  #publisherOf(topic: string): KafkaPublisher {
    const known = this.#publishers.get(topic);
    if (known !== undefined) return known;
    const publisher = new KafkaPublisher({
      openProducer: () => this.#producers.next(),
      compressionOf: compressionOf(this.#client, this.#options.compression),
      maxQueuedBytes: this.#options.maxQueuedBytes ?? defaultMaxQueuedBytes,
    });
    this.#publishers.set(topic, publisher);
    return publisher;
  }

  #checkOpen(): void {
    if (this.#closed) throw busClosed();
  }

  /** Batches in work may still publish while the bus closes, but nobody begins to read. */
  #checkNotClosing(): void {
    if (this.#closing !== undefined) throw busClosed();
  }
}

/** From here on the broker, the network and whoever reads save more than compressing costs. */
const worthCompressingBytes = 64 * 1024;

function compressionOf(
  { kafkajs }: KafkaClient,
  name: KafkaBusOptions["compression"],
): (bytes: number) => number {
  const { None, GZIP, Snappy, ZSTD } = kafkajs.CompressionTypes;
  if (name === undefined) return (bytes) => (bytes < worthCompressingBytes ? None : ZSTD);
  const chosen = { none: None, gzip: GZIP, snappy: Snappy, zstd: ZSTD }[name];
  return () => chosen;
}

/**
 * A bus on Apache Kafka. kafkajs is loaded here and nowhere else.
 * @throws SetupError when kafkajs is missing, the brokers can't be reached or refuse the credentials
 */
export async function createKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  const client = await loadKafkaClient(options);
  const admin = client.kafka.admin({ retry: client.retry });
  try {
    await connectWithin(admin, options);
  } catch (error) {
    await admin.disconnect().catch(() => undefined);
    throw connectionFailed(options.brokers, error);
  }
  return new KafkaBus(options, client, admin);
}

async function connectWithin(
  admin: Admin,
  { connectWithinMs, clock = systemClock }: KafkaBusOptions,
): Promise<void> {
  if (connectWithinMs === undefined) {
    await admin.connect();
    return;
  }
  const deadline = new AbortController();
  const tooLate = clock.sleep(connectWithinMs, deadline.signal).then(() => {
    throw new Error(`no answer within ${String(connectWithinMs)} ms`);
  });
  try {
    await Promise.race([admin.connect(), tooLate]);
  } finally {
    deadline.abort(new Error("connected"));
  }
}
