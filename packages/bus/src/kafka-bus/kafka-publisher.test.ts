import type { Message, Producer, ProducerBatch, RecordMetadata } from "kafkajs";
import { expect, test } from "vitest";
import { KafkaPublisher, type PublishItem } from "./kafka-publisher.ts";

/** Stands in for the brokers: takes batches, or fails them as told. */
class Brokers {
  readonly log = new Map<string, string[]>();
  readonly requests: string[][] = [];
  readonly compressions: (number | undefined)[] = [];
  producers = 0;
  failures: Error[] = [];
  refused = "";

  openProducer(): Promise<Producer> {
    this.producers += 1;
    const producer: Partial<Producer> = {
      disconnect: async () => Promise.resolve(),
      sendBatch: async (batch) => Promise.resolve(this.#take(batch)),
    };
    return Promise.resolve(producer as Producer);
  }

  #take({ topicMessages = [], compression }: ProducerBatch): RecordMetadata[] {
    this.compressions.push(compression);
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    const messages = topicMessages.flatMap(({ topic, messages: list }) =>
      list.map((message) => ({ topic, message })),
    );
    this.requests.push(messages.map(({ message }) => String(message.value)));
    if (messages.some(({ message }) => message.value === this.refused))
      throw protocolError("MESSAGE_TOO_LARGE");
    const bases = new Map<string, number>();
    for (const { topic, message } of messages) {
      const place = `${topic}/${String(message.partition)}`;
      const records = this.log.get(place) ?? [];
      if (!bases.has(place)) bases.set(place, records.length);
      this.log.set(place, [...records, String(message.value)]);
    }
    return [...bases].map(([place, base]) => {
      const [topicName = "", partition] = place.split("/");
      return { topicName, partition: Number(partition), errorCode: 0, baseOffset: String(base) };
    });
  }
}

function protocolError(type: string): Error {
  return Object.assign(new Error(type), { type });
}

function item(value: string, partition = 0, bytes = 1): PublishItem {
  const message: Message = { key: "k", value, partition };
  return { message, partition, bytes };
}

function publisherOn(brokers: Brokers, maxQueuedBytes = 1_000_000_000): KafkaPublisher {
  return new KafkaPublisher({
    openProducer: () => brokers.openProducer(),
    compressionOf: () => 0,
    maxQueuedBytes,
  });
}

test("what is published at once shares a request, and each gets its own positions", async () => {
  const brokers = new Brokers();
  const publisher = publisherOn(brokers);
  const published = await Promise.all([
    publisher.publish("t", [item("a"), item("b", 1)]),
    publisher.publish("t", [item("c"), item("d")]),
  ]);
  expect(brokers.requests).toEqual([["a", "b", "c", "d"]]);
  expect(published.map((positions) => positions.map(({ partition, offset }) => [partition, offset]))).toEqual(
    [
      [
        [0, 0],
        [1, 0],
      ],
      [
        [0, 1],
        [0, 2],
      ],
    ],
  );
});

test("what is published goes out before the event loop turns to anything else", async () => {
  const brokers = new Brokers();
  const publisher = publisherOn(brokers);
  await publisher.connect();
  const requestsByThen = new Promise<number>((resolve) =>
    setImmediate(() => resolve(brokers.requests.length)),
  );
  const published = publisher.publish("t", [item("a")]);
  expect(await requestsByThen).toBe(1);
  await published;
});

test("a request holds at most 4 MiB of one partition", async () => {
  const brokers = new Brokers();
  const large = 3 * 1024 * 1024;
  const positions = await publisherOn(brokers).publish("t", [
    item("a", 0, large),
    item("b", 0, large),
    item("c", 1, large),
  ]);
  expect(brokers.requests).toEqual([["a"], ["b", "c"]]);
  expect(positions.map((position) => position.offset)).toEqual([0, 1, 0]);
});

test("a failed request is a retryable error, and the next one goes through a new producer", async () => {
  const brokers = new Brokers();
  const publisher = publisherOn(brokers);
  brokers.failures = [new Error("no leader")];
  await expect(publisher.publish("t", [item("a")])).rejects.toMatchObject({
    nextMove: "retry",
    code: "BUS_WRITE_FAILED",
  });
  await publisher.publish("t", [item("b")]);
  expect(brokers.producers).toBe(2);
  expect(brokers.log.get("t/0")).toEqual(["b"]);
});

test("a record the topic does not take is rejected alone", async () => {
  const brokers = new Brokers();
  brokers.refused = "huge";
  const publisher = publisherOn(brokers);
  const [first, second, third] = await Promise.allSettled(
    ["a", "huge", "b"].map((value) => publisher.publish("t", [item(value)])),
  );
  expect([first?.status, second?.status, third?.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(second).toMatchObject({ reason: { nextMove: "reject", code: "RECORD_TOO_LARGE" } });
  expect(brokers.log.get("t/0")).toEqual(["a", "b"]);
});

test("publishing is refused while too much waits", async () => {
  const brokers = new Brokers();
  const publisher = publisherOn(brokers, 100);
  const waiting = publisher.publish("t", [item("a", 0, 200)]);
  await expect(publisher.publish("t", [item("b")])).rejects.toMatchObject({
    nextMove: "retry",
    code: "BACKLOG_FULL",
  });
  await waiting;
  await publisher.publish("t", [item("c")]);
});

test("close sends what waits and refuses what comes later", async () => {
  const brokers = new Brokers();
  const publisher = publisherOn(brokers);
  const waiting = publisher.publish("t", [item("a")]);
  await publisher.close();
  await waiting;
  await expect(publisher.publish("t", [item("b")])).rejects.toMatchObject({ code: "BUS_CLOSED" });
});

test("a request is compressed by its size, not by that of its records", async () => {
  const brokers = new Brokers();
  const publisher = new KafkaPublisher({
    openProducer: () => brokers.openProducer(),
    compressionOf: (bytes) => (bytes < 1_000 ? 0 : 4),
    maxQueuedBytes: 1_000_000,
  });
  await publisher.publish("t", [item("a", 0, 400)]);
  await publisher.publish("t", [item("b", 0, 400), item("c", 1, 400), item("d", 0, 400)]);
  expect(brokers.compressions).toEqual([0, 4]);
});
