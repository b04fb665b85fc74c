import { createManualClock } from "@plumbline/contracts/testing";
import { expect, test } from "vitest";
import type { Bus } from "../bus.ts";
import { Reader, eventually, record } from "../contract/reader.contract.ts";
import { createMemoryBus } from "../memory-bus/memory-bus.ts";

const full = { nextMove: "retry", code: "BACKLOG_FULL", retryAfterMs: 250 };
const kilobyte = record("k", "x".repeat(1023));

async function committedAtStart(bus: Bus, topic: string): Promise<void> {
  const reader = await Reader.open(bus, { group: "g", topics: [topic] });
  await eventually(() => expect(reader.owned).toEqual([0]));
  await reader.assignments[0]?.commit(topic, { offset: 0, metadata: "" });
  await reader.close();
}

test("unread bytes count, and the refusal names the group and what to do", async () => {
  const bus = createMemoryBus({ backlog: { maxBytes: 4 * 1024, retryAfterMs: 250 } });
  await bus.createTopics([{ name: "t", partitions: 1, cleanup: "delete", retentionMs: null }]);
  await committedAtStart(bus, "t");
  await bus.publish("t", [kilobyte, kilobyte, kilobyte]);
  await bus.publish("t", [kilobyte]);
  const refused = bus.publish("t", [kilobyte]);
  await expect(refused).rejects.toMatchObject(full);
  await expect(refused).rejects.toThrow("group g is 4 records");
  await bus.close();
});

test("a group that nobody has heard of for its expiry time no longer holds publishers back", async () => {
  const clock = createManualClock();
  const bus = createMemoryBus({ clock, backlog: { maxRecords: 2, groupExpiryMs: 1000, retryAfterMs: 250 } });
  await bus.createTopics([{ name: "t", partitions: 1, cleanup: "delete", retentionMs: null }]);
  await committedAtStart(bus, "t");
  await bus.publish("t", [kilobyte, kilobyte]);
  await expect(bus.publish("t", [kilobyte])).rejects.toMatchObject(full);
  await clock.advance(1001);
  expect(await bus.publish("t", [kilobyte])).toHaveLength(1);
  await bus.close();
});

test("compacted topics are bounded by their keys, not by their readers", async () => {
  const bus = createMemoryBus({ backlog: { maxRecords: 2 } });
  await bus.createTopics([{ name: "t", partitions: 1, cleanup: "compact", retentionMs: null }]);
  await committedAtStart(bus, "t");
  for (let round = 0; round < 5; round += 1) expect(await bus.publish("t", [kilobyte])).toHaveLength(1);
  await bus.close();
});

test("a full topic does not refuse records of another", async () => {
  const bus = createMemoryBus({ backlog: { maxRecords: 1, retryAfterMs: 250 } });
  await bus.createTopics(
    ["full", "free"].map((name) => ({ name, partitions: 1, cleanup: "delete", retentionMs: null })),
  );
  await committedAtStart(bus, "full");
  await bus.publish("full", [kilobyte]);
  await expect(bus.publish("full", [kilobyte])).rejects.toMatchObject(full);
  expect(await bus.publish("free", [kilobyte])).toHaveLength(1);
  await bus.close();
});
