import type { Producer } from "kafkajs";
import type { KafkaClient } from "./kafka-client.ts";

type Client = Pick<KafkaClient, "kafka" | "kafkajs" | "retry">;

/** Topics get their first records several at a time: a finding brings a command, a directive and an audit record. */
const spareCount = 3;

interface Spare {
  producer: Producer;
  connected: Promise<void>;
}

/**
 * Keeps some producers connected, so that the first record of a topic does not wait for a connection. Each is connected once:
 * kafkajs gives a producer that is connected a second time a new id, and forgets what it is sending.
 */
export class SpareProducers {
  readonly #client: Client;
  #spares: Spare[] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  /** A connected producer for the caller alone. */
  async next(): Promise<Producer> {
    const { producer, connected } = this.#spares.shift() ?? this.#begin();
    this.#refill();
    try {
      await connected;
      return producer;
    } catch (error) {
      await disconnect(producer);
      throw error;
    }
  }

  /** Proves that producers can connect; the reason when they can't. */
  async connect(): Promise<void> {
    this.#refill();
    await Promise.all(this.#spares.map(({ connected }) => connected));
  }

  async close(): Promise<void> {
    await Promise.all(this.#spares.map(({ producer }) => disconnect(producer)));
  }

  #refill(): void {
    while (this.#spares.length < spareCount) {
      const spare = this.#begin();
      this.#spares.push(spare);
      spare.connected.catch(() => this.#giveUp(spare));
    }
  }

  async #giveUp(spare: Spare): Promise<void> {
    if (!this.#spares.includes(spare)) return;
    this.#spares = this.#spares.filter((one) => one !== spare);
    await disconnect(spare.producer);
  }

  #begin(): Spare {
    const { kafka, kafkajs, retry } = this.#client;
    const producer = kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry,
    });
    return { producer, connected: producer.connect() };
  }
}

async function disconnect(producer: Producer): Promise<void> {
  await producer.disconnect().catch(() => undefined);
}
