import { createManualClock, createSeededRandom } from "@plumbline/contracts/testing";
import { describe, expect, it } from "vitest";
import { createBatchQueue } from "./batch-queue.ts";
import type { Delivery } from "./delivery.ts";
import { ReceiverState } from "./receiver-state.ts";

const delivered: Delivery = { type: "delivered", rejected: 0 };
const failed: Delivery = { type: "failed", why: "down", retryAfterMs: undefined };
const settle = () => new Promise((resolve) => setTimeout(() => setImmediate(resolve), 5));

function setUp(options: { maxItems?: number | null; answer?: () => Delivery | Promise<Delivery> } = {}) {
  const receiver = new ReceiverState();
  const clock = createManualClock();
  const sent: number[][] = [];
  const settled: number[] = [];
  const queue = createBatchQueue<number>({
    name: "test",
    send(items) {
      sent.push([...items]);
      return Promise.resolve(options.answer?.() ?? delivered);
    },
    maxItems: options.maxItems === undefined ? 100 : options.maxItems,
    maxBatchItems: 3,
    lingerMs: 0,
    clock,
    random: createSeededRandom(1),
    receiver,
    onSettled: (items) => settled.push(...items),
  });
  return { clock, sent, settled, queue, receiver };
}

describe("the queue of what is to be sent", () => {
  it("sends a burst together, in order, at most a batch at once", async () => {
    const { queue, sent } = setUp();
    for (let item = 1; item <= 4; item += 1) queue.add(item);
    await settle();
    await settle();
    expect(sent).toEqual([[1, 2, 3], [4]]);
    expect(queue.size).toBe(0);
  });

  it("keeps a failed batch and tries it again first", async () => {
    const answers = [failed, failed, delivered];
    const { queue, sent, clock, settled } = setUp({ answer: () => answers.shift() ?? delivered });
    queue.add(1);
    await settle();
    queue.add(2);
    await clock.advance(250);
    await clock.advance(500);
    await settle();
    expect(sent).toEqual([[1], [1, 2], [1, 2]]);
    expect(settled).toEqual([1, 2]);
  });

  it("tries again at once when another queue got through, unless the receiver said when", async () => {
    const answers: Delivery[] = [failed, { ...failed, retryAfterMs: 5000 }];
    const { queue, sent, receiver } = setUp({ answer: () => answers.shift() ?? delivered });
    queue.add(1);
    await settle();
    receiver.reached();
    await settle();
    expect(sent).toHaveLength(2);
    receiver.reached();
    await settle();
    expect(sent).toHaveLength(2);
  });

  it("flushes until the time is over where the receiver was there before, and once where it never was", async () => {
    const answers: Delivery[] = [delivered, failed, failed];
    const known = setUp({ answer: () => answers.shift() ?? delivered });
    known.queue.add(1);
    await settle();
    known.queue.add(2);
    const flushed = known.queue.flush(2000);
    for (let waited = 0; waited < 5; waited += 1) {
      await settle();
      await known.clock.advance(200);
    }
    await flushed;
    expect([known.queue.size, known.sent.length]).toEqual([0, 4]);
    const unknown = setUp({ answer: () => failed });
    unknown.queue.add(1);
    await unknown.queue.flush(2000);
    expect(unknown.sent).toHaveLength(1);
    expect(unknown.queue.takeWaiting()).toEqual([1]);
  });

  it("waits as long as the receiver said", async () => {
    const answers: Delivery[] = [{ ...failed, retryAfterMs: 5000 }];
    const { queue, sent, clock } = setUp({ answer: () => answers.shift() ?? delivered });
    queue.add(1);
    await settle();
    await clock.advance(4999);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect(sent).toHaveLength(2);
  });

  it("drops the oldest when it is full, and counts them", async () => {
    const { queue, sent, clock } = setUp({
      maxItems: 2,
      answer: () => (sent.length === 1 ? failed : delivered),
    });
    queue.add(0);
    await settle();
    for (const item of [1, 2, 3]) queue.add(item);
    expect(queue.dropped).toBe(2);
    await clock.advance(500);
    await settle();
    expect(sent.at(-1)).toEqual([2, 3]);
  });

  it("without a bound drops nothing", async () => {
    const { queue } = setUp({ maxItems: null, answer: () => failed });
    for (let item = 0; item < 1000; item += 1) queue.add(item);
    await settle();
    expect([queue.size, queue.dropped]).toEqual([1000, 0]);
  });

  it("gives up what the receiver refuses, and counts it", async () => {
    const answers: Delivery[] = [
      { type: "refused", why: "400" },
      { type: "delivered", rejected: 1 },
    ];
    const { queue, settled } = setUp({ answer: () => answers.shift() ?? delivered });
    for (const item of [1, 2, 3, 4, 5]) queue.add(item);
    await settle();
    await settle();
    expect(queue.refused).toBe(4);
    expect(settled).toEqual([1, 2, 3, 4, 5]);
  });

  it("hands over what was sent and never answered with what waits", async () => {
    const { queue, sent } = setUp({ answer: () => new Promise<Delivery>(() => undefined) });
    for (const item of [1, 2, 3, 4]) queue.add(item);
    await settle();
    expect(sent).toEqual([[1, 2, 3]]);
    expect(queue.takeWaiting()).toEqual([1, 2, 3, 4]);
  });

  it("flushes once and then lets go", async () => {
    const { queue, sent } = setUp({ answer: () => failed });
    queue.add(1);
    await queue.flush(1000);
    expect(sent).toHaveLength(1);
    expect(queue.size).toBe(1);
  });
});
