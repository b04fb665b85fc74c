import type { Ack } from "@plumbline/contracts";
import { createManualClock } from "@plumbline/contracts/testing";
import { expect, test } from "vitest";
import { type Effects, noEffects } from "./effects.ts";
import { EffectsOutbox, type RecordWork } from "./effects-outbox.ts";

/** Lets promises that are settled go on. */
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const ack = (offset: number): Ack => ({
  version: 1,
  tenantId: "",
  runId: "r",
  ackId: `ack-${String(offset)}`,
  instanceId: "i",
  generation: 1,
  phase: "received",
  subject: { kind: "directive" },
  detail: "",
  stepId: null,
  atMs: 0,
});

const work = (offset: number): RecordWork => ({
  topic: "t",
  offset,
  effects: { ...noEffects(), acks: [ack(offset)] },
  rows: {},
});

function createOutbox() {
  const clock = createManualClock();
  const ownership = new AbortController();
  const publications: { acks: string[]; answer: PromiseWithResolvers<void> }[] = [];
  const stored: number[] = [];
  const errors: unknown[] = [];
  const outbox = new EffectsOutbox({
    publisher: {
      publish: ({ acks }: Effects) => {
        const answer = Promise.withResolvers<void>();
        publications.push({ acks: acks.map(({ ackId }) => ackId), answer });
        return answer.promise;
      },
    },
    writer: { add: (_topic, offset) => Promise.resolve(void stored.push(offset)) },
    clock,
    signal: ownership.signal,
    onError: (error) => void errors.push(error),
  });
  return { outbox, clock, ownership, publications, stored, errors };
}

test("rows are stored once their effects are published; what came meanwhile is published together, in order", async () => {
  const { outbox, publications, stored } = createOutbox();
  await outbox.add([work(0)]);
  await outbox.add([work(1)]);
  await outbox.add([work(2), work(3)]);
  await soon();
  expect(publications.map(({ acks }) => acks)).toEqual([["ack-0"]]);
  expect(stored).toEqual([]);
  publications[0]?.answer.resolve();
  await soon();
  expect(stored).toEqual([0]);
  expect(publications[1]?.acks).toEqual(["ack-1", "ack-2", "ack-3"]);
  publications[1]?.answer.resolve();
  await soon();
  expect(stored).toEqual([0, 1, 2, 3]);
});

test("what failed is told and published again, and nothing later before it", async () => {
  const { outbox, clock, publications, stored, errors } = createOutbox();
  await outbox.add([work(0)]);
  await outbox.add([work(1)]);
  await soon();
  publications[0]?.answer.reject(new Error("no broker"));
  await soon();
  await clock.advance(100);
  await soon();
  expect(errors).toHaveLength(1);
  expect(publications.map(({ acks }) => acks)).toEqual([["ack-0"], ["ack-0"]]);
  expect(stored).toEqual([]);
});

test("adding waits while too much is ahead of what was published", async () => {
  const { outbox, publications } = createOutbox();
  await outbox.add([work(0)]);
  let isAdded = false;
  void outbox.add(Array.from({ length: 600 }, (_, index) => work(index + 1))).then(() => (isAdded = true));
  await soon();
  expect(isAdded).toBe(false);
  publications[0]?.answer.resolve();
  await soon();
  publications[1]?.answer.resolve();
  await soon();
  expect(isAdded).toBe(true);
});

test("close carries out what waits, and leaves to the successor what fails then", async () => {
  const { outbox, publications, stored } = createOutbox();
  await outbox.add([work(0)]);
  await outbox.add([work(1)]);
  const closed = outbox.close();
  publications[0]?.answer.resolve();
  await soon();
  publications[1]?.answer.reject(new Error("no broker"));
  await closed;
  expect(stored).toEqual([0]);
});

test("nothing is stored of a partition that was lost meanwhile", async () => {
  const { outbox, ownership, publications, stored } = createOutbox();
  await outbox.add([work(0)]);
  await outbox.add([work(1)]);
  ownership.abort();
  publications[0]?.answer.resolve();
  await outbox.close();
  expect(stored).toEqual([]);
  expect(publications).toHaveLength(1);
});
