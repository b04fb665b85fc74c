import { createManualClock, createSeededRandom } from "@plumbline/contracts/testing";
import { expect, test } from "vitest";
import { createMemorySpool } from "../spool/memory-spool.ts";
import { createControlQueue } from "./control-queue.ts";
import type { Delivery } from "./delivery.ts";
import { ReceiverState } from "./receiver-state.ts";

const delivered: Delivery = { type: "delivered", rejected: 0 };
const failed: Delivery = { type: "failed", why: "no server", retryAfterMs: undefined };

test("while no server is there, memory holds a bound of records and the spool all of them, in order", async () => {
  let isThere = false;
  const sent: string[] = [];
  const clock = createManualClock(0);
  const spool = createMemorySpool();
  const queue = createControlQueue({
    spool,
    clock,
    random: createSeededRandom(1),
    receiver: new ReceiverState(),
    lingerMs: 0,
    maxWaiting: 10,
    send: (items) => {
      if (!isThere) return Promise.resolve(failed);
      sent.push(...items.map(({ record }) => record));
      return Promise.resolve(delivered);
    },
  });
  const records = Array.from({ length: 47 }, (_, index) => `record ${String(index)}`);
  for (const record of records) queue.add(record);
  await queue.flush(1000);
  expect(queue.size).toBe(10);
  isThere = true;
  while (queue.size > 0) await queue.flush(1000);
  expect(sent).toEqual(records);
  expect(spool.after(0, 100)).toEqual([]);
  queue.add("the next one");
  await queue.flush(1000);
  expect(sent.at(-1)).toBe("the next one");
});

test("what may wait for a turn is in the spool then, in order, and at once when something urgent comes", async () => {
  const spool = createMemorySpool();
  const queue = createControlQueue({
    spool,
    clock: createManualClock(0),
    random: createSeededRandom(1),
    receiver: new ReceiverState(),
    lingerMs: 1000,
    send: () => Promise.resolve(failed),
  });
  const spooled = (): string[] => spool.after(0, 100).map(({ record }) => record);
  queue.addSoon("first");
  queue.addSoon("second");
  expect([spooled(), queue.size]).toEqual([[], 2]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(spooled()).toEqual(["first", "second"]);
  queue.addSoon("third");
  queue.add("urgent");
  expect(spooled()).toEqual(["first", "second", "third", "urgent"]);
  for (let index = 0; index < 32; index += 1) queue.addSoon(`more ${String(index)}`);
  expect(spooled()).toHaveLength(36);
});
