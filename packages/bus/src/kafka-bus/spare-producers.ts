import type { Producer } from "kafkajs";
import type { KafkaClient } from "./kafka-client.ts";

type Client = Pick<KafkaClient, "kafka" | "kafkajs" | "retry">;

/** Topics get their first records several at a time: a finding brings a command, a directive and an audit record. */
const spareCount = 3;

/**
 * Keeps some producers connected, so that the first record of a topic does not wait for a connection. Each is connected once:
 * kafkajs gives a producer that is connected a second time a new id, and forgets what it is sending.
 */
export class SpareProducers {
  readonly #client: Client;
  #spares: Promise<Producer>[] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  /** A connected producer for the caller alone. */
  next(): Promise<Producer> {
    const producer = this.#spares.shift() ?? this.#open();
    this.#refill();
    return producer;
  }

  /** Proves that producers can connect; the reason when they can't. */
  async connect(): Promise<void> {
    this.#refill();
    await Promise.all(this.#spares);
  }

  async close(): Promise<void> {
    await Promise.all(this.#spares.map((spare) => spare.then(disconnect, () => undefined)));
  }

  #refill(): void {
    while (this.#spares.length < spareCount) {
      const spare = this.#open();
      this.#spares.push(spare);
      spare.catch(() => {
        this.#spares = this.#spares.filter((one) => one !== spare);
      });
    }
  }

  async #open(): Promise<Producer> {
    const { kafka, kafkajs, retry } = this.#client;
    const producer = kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry,
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await disconnect(producer);
      throw error;
    }
  }
}

async function disconnect(producer: Producer): Promise<void> {
  await producer.disconnect().catch(() => undefined);
}
