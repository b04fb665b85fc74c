import { topic, topicSpecs } from "@plumbline/contracts";
import { expect, onTestFinished, test, vi } from "vitest";
import type { Bus, PartitionWorker } from "../bus.ts";
import { createMemoryBus } from "../memory-bus/memory-bus.ts";

const count = 60;

async function createBus(): Promise<Bus> {
  const bus = createMemoryBus();
  await bus.createTopics(topicSpecs(1));
  onTestFinished(() => bus.close());
  return bus;
}

async function publishMany(bus: Bus, topicName: string): Promise<void> {
  const records = Array.from({ length: count }, () => ({ key: "run", value: new Uint8Array(1) }));
  await bus.publish(topicName, records);
}

/** One record a batch. */
async function consume(
  bus: Bus,
  topicName: string,
  worker: Partial<PartitionWorker> & Pick<PartitionWorker, "onBatch">,
): Promise<void> {
  await bus.consume({
    group: topicName,
    topics: [topicName],
    maxBatchRecords: 1,
    open: () => Promise.resolve({ close: () => Promise.resolve(), ...worker }),
  });
}

test("records that nobody waits for give way to those of other groups", async () => {
  const bus = await createBus();
  await publishMany(bus, topic.spans);
  await publishMany(bus, topic.observations);
  const order: string[] = [];
  const note = (name: string) => () => Promise.resolve(void order.push(name));
  await consume(bus, topic.spans, { onBatch: note("span"), urgencyOf: () => "bulk" });
  await consume(bus, topic.observations, { onBatch: note("observation") });
  await vi.waitFor(() => expect(order).toHaveLength(2 * count), 5_000);
  const spansBefore = order.slice(0, order.lastIndexOf("observation")).filter((name) => name === "span");
  expect(spansBefore.length).toBeGreaterThan(0);
  expect(spansBefore.length).toBeLessThan((2 * count) / 3);
});

test("a worker that is woken takes what it refused before", async () => {
  const bus = await createBus();
  let takes = false;
  let wake: () => void = () => undefined;
  const taken: number[] = [];
  await bus.consume({
    group: "g",
    topics: [topic.spans],
    open: (assignment) => {
      wake = () => assignment.wake();
      return Promise.resolve({
        takes: () => takes,
        onBatch: ({ records }) => Promise.resolve(void taken.push(records.length)),
        close: () => Promise.resolve(),
      });
    },
  });
  await publishMany(bus, topic.spans);
  wake();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(taken).toEqual([]);
  takes = true;
  wake();
  await vi.waitFor(() => expect(taken).toEqual([count]));
});
