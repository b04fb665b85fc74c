import type { Producer } from "kafkajs";
import type { KafkaClient } from "./kafka-client.ts";

type Client = Pick<KafkaClient, "kafka" | "kafkajs" | "retry">;

/** Keeps one producer connected, so that the first record of a topic does not wait for a connection. */
export class SpareProducer {
  readonly #client: Client;
  #spare: Producer | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** A producer for the caller alone; connecting it is quick when it was the spare one. */
  next(): Producer {
    const producer = this.#spare ?? this.#create();
    this.#spare = this.#create();
    this.#spare.connect().catch(() => undefined);
    return producer;
  }

  /** Proves that producers can connect; the reason when they can't. */
  async connect(): Promise<void> {
    this.#spare ??= this.#create();
    await this.#spare.connect();
  }

  async close(): Promise<void> {
    await this.#spare?.disconnect().catch(() => undefined);
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
