import type { Producer } from "kafkajs";
import type { KafkaClient } from "./kafka-client.ts";

type Client = Pick<KafkaClient, "kafka" | "kafkajs" | "retry">;

/** Topics get their first records several at a time: a finding brings a command, a directive and an audit record. */
const spareCount = 3;

/** Keeps some producers connected, so that the first record of a topic does not wait for a connection. */
export class SpareProducers {
  readonly #client: Client;
  readonly #spares: Producer[] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  /** A producer for the caller alone; connecting it is quick when it was a spare one. */
  next(): Producer {
    const producer = this.#spares.shift() ?? this.#create();
    for (const spare of this.#refill()) spare.connect().catch(() => undefined);
    return producer;
  }

  /** Proves that producers can connect; the reason when they can't. */
  async connect(): Promise<void> {
    this.#refill();
    await Promise.all(this.#spares.map((spare) => spare.connect()));
  }

  async close(): Promise<void> {
    await Promise.all(this.#spares.map((spare) => spare.disconnect().catch(() => undefined)));
  }

  /** The new ones, which are not connected yet. */
  #refill(): Producer[] {
    const missing = Array.from({ length: spareCount - this.#spares.length }, () => this.#create());
    this.#spares.push(...missing);
    return missing;
  }

  #create(): Producer {
    const { kafka, kafkajs, retry } = this.#client;
    return kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry,
    });
  }
}
