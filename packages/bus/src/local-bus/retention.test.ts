import type { TopicSpec } from "@plumbline/contracts";
import { type ManualClock, createManualClock } from "@plumbline/contracts/testing";
import { expect, test } from "vitest";
import type { Bus, ReceivedRecord } from "../bus.ts";
import { Reader, eventually, record } from "../contract/reader.contract.ts";
import { createMemoryBus } from "../memory-bus/memory-bus.ts";
import type { LocalBusOptions } from "./local-bus.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

interface Stage {
  bus: Bus;
  clock: ManualClock;
}

async function stageWith(
  spec: Partial<TopicSpec>,
  retention: LocalBusOptions["retention"] = {},
): Promise<Stage> {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock, retention: { sweepIntervalMs: hourMs, ...retention } });
  await bus.createTopics([{ name: "t", partitions: 1, cleanup: "delete", retentionMs: null, ...spec }]);
  return { bus, clock };
}

async function kept(bus: Bus): Promise<ReceivedRecord[]> {
  const records: ReceivedRecord[] = [];
  const tail = await bus.tail({
    topic: "t",
    from: "beginning",
    onRecord: (received) => records.push(received),
  });
  await tail.caughtUp;
  await tail.close();
  return records;
}

const offsets = async (bus: Bus): Promise<number[]> => (await kept(bus)).map((received) => received.offset);
const kilobyte = "x".repeat(1023);

test("records leave once they are older than the retention of their topic", async () => {
  const { bus, clock } = await stageWith({ retentionMs: dayMs });
  await bus.publish("t", [record("k", "old")]);
  await clock.advance(dayMs / 2);
  await bus.publish("t", [record("k", "young")]);
  expect(await offsets(bus)).toEqual([0, 1]);
  await clock.advance(dayMs / 2 + hourMs);
  expect(await offsets(bus)).toEqual([1]);
  await bus.close();
});

test("a topic without a retention time keeps everything", async () => {
  const { bus, clock } = await stageWith({ retentionMs: null }, { maxTopicBytes: 10 });
  await bus.publish("t", [record("k", kilobyte)]);
  await clock.advance(30 * dayMs);
  expect(await offsets(bus)).toEqual([0]);
  await bus.close();
});

test("a topic nobody reads stays within its size, and the oldest records go first", async () => {
  const { bus, clock } = await stageWith({ retentionMs: dayMs }, { maxTopicBytes: 3 * 1024 });
  await bus.publish(
    "t",
    Array.from({ length: 10 }, () => record("k", kilobyte)),
  );
  await clock.advance(hourMs);
  expect(await offsets(bus)).toEqual([7, 8, 9]);
  await bus.close();
});

test("size alone takes nothing away that a group still has to read", async () => {
  const { bus, clock } = await stageWith({ retentionMs: dayMs }, { maxTopicBytes: 3 * 1024 });
  const reader = await Reader.open(bus, { group: "g", topics: ["t"] });
  await eventually(() => expect(reader.owned).toEqual([0]));
  await reader.assignments[0]?.commit("t", { offset: 4, metadata: "" });
  await reader.close();
  await bus.publish(
    "t",
    Array.from({ length: 10 }, () => record("k", kilobyte)),
  );
  await clock.advance(hourMs);
  expect(await offsets(bus)).toEqual([4, 5, 6, 7, 8, 9]);
  await bus.close();
});

test("a removal stays readable for a day, then nothing of the key is left", async () => {
  const { bus, clock } = await stageWith({ cleanup: "compact" });
  await bus.publish("t", [record("a", "1"), record("b", "1"), record("a", "")]);
  await clock.advance(dayMs / 2);
  expect((await kept(bus)).map(({ key, value }) => [key, value.byteLength])).toEqual([
    ["b", 1],
    ["a", 0],
  ]);
  await clock.advance(dayMs);
  expect((await kept(bus)).map(({ key }) => key)).toEqual(["b"]);
  await bus.close();
});
