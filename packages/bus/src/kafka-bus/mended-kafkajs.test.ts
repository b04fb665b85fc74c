import fc from "fast-check";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { expect, onTestFinished, test, vi } from "vitest";
import { mendKafkajs } from "./mended-kafkajs.ts";

const contents = fc.array(
  fc.oneof(
    fc.integer({ min: -0x80_00_00_00, max: 0x7f_ff_ff_ff }),
    fc.string({ maxLength: 600 }),
    fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  ),
  { maxLength: 8 },
);

/** A part of a request with two parts of its own. */
function encoded(values: readonly (number | string | Buffer)[]): string {
  const part = new Encoder();
  for (const value of values) {
    if (typeof value === "number") part.writeInt32(value);
    else if (typeof value === "string") part.writeString(value);
    else part.writeVarIntBytes(value);
  }
  return new Encoder().writeInt32(values.length).writeArray([part, part]).buffer.toString("hex");
}

test("what is encoded in shared memory is what kafkajs would have sent", async () => {
  const samples = fc.sample(contents, 200);
  const before = samples.map((values) => encoded(values));
  await mendKafkajs();
  expect(samples.map((values) => encoded(values))).toEqual(before);
});

test("encoders of small parts share memory", async () => {
  await mendKafkajs();
  const memory = Array.from({ length: 10 }, (_, index) => new Encoder().writeInt32(index).buffer.buffer);
  expect(new Set(memory).size).toBeLessThan(memory.length);
});

async function restingQueue(): Promise<RequestQueue> {
  await mendKafkajs();
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  return new RequestQueue({
    maxInFlightRequests: null,
    requestTimeout: 30_000,
    enforceRequestTimeout: false,
    clientId: "test",
    broker: "127.0.0.1:9092",
    logger: { debug: () => undefined },
  });
}

test("a queue in which nothing waits sets no timer", async () => {
  const queue = await restingQueue();
  queue.scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

test("a request that has to wait is sent once it may be, and then the queue rests", async () => {
  const queue = await restingQueue();
  queue.maybeThrottle(250);
  const sendRequest = vi.fn<() => void>();
  queue.push({ entry: { correlationId: 1 }, expectResponse: true, sendRequest });
  vi.advanceTimersByTime(200);
  expect(sendRequest).not.toHaveBeenCalled();
  vi.advanceTimersByTime(100);
  expect(sendRequest).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});
