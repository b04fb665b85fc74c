import { createMemoryBus } from "@plumbline/bus";
import { topic, topicSpecs } from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { expect, it } from "vitest";
import { createAssembler } from "./assemble/create-assembler.ts";
import { type HeldRun, stateOfForm } from "./held-run.ts";
import { initialRunState, type RunParts } from "./run-state.ts";
import { loadSnapshot, type PartitionSnapshot, snapshotBatches } from "./snapshot-log.ts";

const parts: RunParts = {
  assembler: createAssembler(),
  monitor: createMonitor(createPolicy()),
  profile: "guard",
  anonymous: "observe",
};
const state = initialRunState(parts, { tenantId: "", runId: "r-1", agentName: "support", atMs: 5 });
const quietUntilMs = (run: HeldRun): number => run.quietUntilMs;
const marker = { offsets: { [topic.observations]: 7 }, watermarks: {} };

async function writtenDown(runs: [string, HeldRun | undefined][], rules: string) {
  const bus = createMemoryBus();
  await bus.createTopics(topicSpecs(1));
  for (const records of snapshotBatches(0, { runs, marker, rules, quietUntilMs }))
    await bus.publish(topic.runSnapshots, records);
  const unreadable: string[] = [];
  const read = (readerRules: string): Promise<PartitionSnapshot> =>
    loadSnapshot(bus, { partition: 0, rules: readerRules, onUnreadable: (key) => unreadable.push(key) });
  return { bus, read, unreadable };
}

it("gives back runs and marker as they were, and until when timers leave each as it is", async () => {
  const { read } = await writtenDown(
    [
      ["a", { form: state, quietUntilMs: 4_000 }],
      ["b", { form: state, quietUntilMs: Number.POSITIVE_INFINITY }],
      ["c", { form: state, quietUntilMs: 0 }],
    ],
    "rules-1",
  );
  const { runs, marker: readMarker } = await read("rules-1");
  expect(readMarker).toEqual(marker);
  expect([...runs].map(([key, { quietUntilMs }]) => [key, quietUntilMs])).toEqual([
    ["a", 4_000],
    ["b", Number.POSITIVE_INFINITY],
    ["c", 0],
  ]);
  for (const { form } of runs.values()) expect(stateOfForm(form)).toEqual(state);
});

it("under other rules every run is looked at again", async () => {
  const { read } = await writtenDown([["a", { form: state, quietUntilMs: 4_000 }]], "rules-1");
  expect((await read("rules-2")).runs.get("a")?.quietUntilMs).toBe(0);
});

it("leaves out runs that were forgotten", async () => {
  const held: HeldRun = { form: state, quietUntilMs: 0 };
  const { bus, read } = await writtenDown(
    [
      ["a", held],
      ["b", held],
    ],
    "rules-1",
  );
  for (const records of snapshotBatches(0, {
    runs: [["a", undefined]],
    marker,
    rules: "rules-1",
    quietUntilMs,
  }))
    await bus.publish(topic.runSnapshots, records);
  expect([...(await read("rules-1")).runs.keys()]).toEqual(["b"]);
});

it("reads runs that an older version wrote down as JSON, and tells of those that are none", async () => {
  const { bus, read, unreadable } = await writtenDown([], "rules-1");
  const value = new TextEncoder().encode(JSON.stringify(state));
  await bus.publish(topic.runSnapshots, [
    { key: "old", value, partition: 0 },
    { key: "broken", value: new Uint8Array([123, 1]), partition: 0 },
  ]);
  const { runs } = await read("rules-1");
  expect([...runs.keys()]).toEqual(["old"]);
  expect(runs.get("old")).toEqual({ form: state, quietUntilMs: 0 });
  expect(unreadable).toEqual(["broken"]);
});
