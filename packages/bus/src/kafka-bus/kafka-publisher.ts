import type { Message, Producer, RecordMetadata } from "kafkajs";
import { RetryableError } from "@plumbline/contracts";
import { busClosed } from "../bus-errors.ts";
import type { Position } from "../bus.ts";
import { isTooLarge, publishFailed, queueFull, tooLarge } from "./kafka-errors.ts";

interface PendingPublish {
  positions: Position[];
  left: number;
  failed: boolean;
  resolve: (positions: readonly Position[]) => void;
  reject: (error: unknown) => void;
}

interface Entry {
  topic: string;
  partition: number;
  message: Message;
  bytes: number;
  index: number;
  publish: PendingPublish;
}

export interface PublishItem {
  message: Message;
  partition: number;
  bytes: number;
}

export interface KafkaPublisherSettings {
  /** A connected producer for the publisher alone. */
  openProducer: () => Promise<Producer>;
  /** Which one for a request of so many bytes, as kafkajs numbers them. */
  compressionOf: (bytes: number) => number;
  maxQueuedBytes: number;
}

/** Of one partition in one request: a record batch has to stay below `max.message.bytes`. */
const partitionBytes = 4 * 1024 * 1024;
const requestBytes = 16 * 1024 * 1024;
const recordOverheadBytes = 64;

/**
 * Publishes with one request at a time; what comes meanwhile shares the next one. A producer whose request failed is
 * replaced: its sequence numbers may be taken, and the broker would drop new records that carry them.
 */
export class KafkaPublisher {
  readonly #settings: KafkaPublisherSettings;
  #producer: Promise<Producer> | undefined;
  #queue: Entry[] = [];
  #queuedBytes = 0;
  #sending: Promise<void> | undefined;
  #closed = false;

  constructor(settings: KafkaPublisherSettings) {
    this.#settings = settings;
  }

  /** Resolves with the positions in the order of the items once all in-sync replicas have them. */
  publish(topic: string, items: readonly PublishItem[]): Promise<readonly Position[]> {
    if (this.#closed) return Promise.reject(busClosed());
    if (this.#queuedBytes > this.#settings.maxQueuedBytes)
      return Promise.reject(queueFull(this.#queuedBytes));
    return new Promise((resolve, reject) => {
      const publish: PendingPublish = { positions: [], left: items.length, failed: false, resolve, reject };
      for (const [index, item] of items.entries()) {
        const bytes = item.bytes + recordOverheadBytes;
        this.#queuedBytes += bytes;
        this.#queue.push({ topic, ...item, bytes, index, publish });
      }
      this.#sending ??= this.#sendAll();
    });
  }

  /** Connects when it is not connected. */
  async connect(): Promise<void> {
    await this.#connected();
  }

  /** Sends what waits, then refuses more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#sending;
    await this.#replaceProducer();
  }

  /** What is published in the same breath goes together; other callbacks of the event loop are not waited for. */
  async #sendAll(): Promise<void> {
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const entries = this.#take().filter((entry) => !entry.publish.failed);
      if (entries.length > 0) await this.#sendRound(entries);
    }
    this.#sending = undefined;
  }

  #take(): Entry[] {
    const bytesAt = new Map<string, number>();
    let total = 0;
    let count = 0;
    for (const { topic, partition, bytes } of this.#queue) {
      const place = `${topic}/${String(partition)}`;
      const used = bytesAt.get(place) ?? 0;
      if (count > 0 && (used + bytes > partitionBytes || total + bytes > requestBytes)) break;
      bytesAt.set(place, used + bytes);
      total += bytes;
      count += 1;
    }
    this.#queuedBytes -= total;
    return this.#queue.splice(0, count);
  }

  async #sendRound(entries: readonly Entry[]): Promise<void> {
    try {
      await this.#send(entries);
    } catch (error) {
      await this.#replaceProducer();
      if (!isTooLarge(error)) fail(entries, publishFailed(error));
      else await this.#sendEach(entries, error);
    }
  }

  /** One by one, so that a record the topic does not take spoils nothing but itself. */
  async #sendEach(entries: readonly Entry[], error: unknown): Promise<void> {
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) {
      fail(entries, tooLarge(only.topic, error));
      return;
    }
    for (const entry of entries) if (!entry.publish.failed) await this.#sendRound([entry]);
  }

  async #send(entries: readonly Entry[]): Promise<void> {
    const producer = await this.#connected();
    const byTopic = Map.groupBy(entries, (entry) => entry.topic);
    const topicMessages = [...byTopic].map(([topic, list]) => ({
      topic,
      messages: list.map((entry) => entry.message),
    }));
    const compression = this.#settings.compressionOf(bytesOf(entries));
    const metadata = await producer.sendBatch({ topicMessages, compression, acks: -1 });
    const bases = new Map(
      metadata.map((answer) => [answerPlace(answer), Number(answer.baseOffset ?? answer.offset)]),
    );
    for (const entry of entries) {
      const place = `${entry.topic}/${String(entry.partition)}`;
      const offset = bases.get(place);
      if (offset === undefined)
        throw new RetryableError(`No answer for ${place}.`, { code: "BUS_WRITE_FAILED" });
      bases.set(place, offset + 1);
      succeed(entry, offset);
    }
  }

  #connected(): Promise<Producer> {
    this.#producer ??= this.#connect();
    return this.#producer;
  }

  async #connect(): Promise<Producer> {
    try {
      return await this.#settings.openProducer();
    } catch (error) {
      this.#producer = undefined;
      throw error;
    }
  }

  async #replaceProducer(): Promise<void> {
    const old = this.#producer;
    this.#producer = undefined;
    const producer = await old?.catch(() => undefined);
    await producer?.disconnect().catch(() => undefined);
  }
}

const bytesOf = (entries: readonly Entry[]): number => entries.reduce((sum, { bytes }) => sum + bytes, 0);

const answerPlace = ({ topicName, partition }: RecordMetadata): string => `${topicName}/${String(partition)}`;

function succeed({ topic, partition, index, publish }: Entry, offset: number): void {
  publish.positions[index] = { topic, partition, offset };
  publish.left -= 1;
  if (publish.left === 0) publish.resolve(publish.positions);
}

function fail(entries: readonly Entry[], error: unknown): void {
  for (const { publish } of entries) {
    publish.failed = true;
    publish.reject(error);
  }
}
