import type { ModelForComparison } from "@plumbline/analyzer";
import { type Bus, type BusRecord, createMemoryBus } from "@plumbline/bus";
import { systemClock, topic, topicSpecs } from "@plumbline/contracts";
import { miniLmCalibration } from "@plumbline/detection";
import { describe, expect, test, vi } from "vitest";
import { toolCallRecords } from "./support/agent-telemetry.ts";
import { analyse, observationsOf } from "./support/recording-analyzer.ts";

/** A model to which all that is said in these tests is one and the same. */
const oneMindedModel = (): Promise<ModelForComparison> =>
  Promise.resolve({
    calibration: miniLmCalibration,
    embedder: {
      id: miniLmCalibration.embedder,
      dimensions: 1,
      embed: (texts) => Promise.resolve(texts.map(() => Float32Array.of(1))),
      close: () => Promise.resolve(),
    },
  });

/** An analyzer, and how it compared each request with earlier ones. */
async function analyseComparing(bus: Bus, openModel: (() => Promise<ModelForComparison>) | null) {
  const means: string[] = [];
  const metrics = { compared: (how: string) => void means.push(how) };
  return { store: await analyse(bus, { metrics, partitions: 4, openModel }), means };
}

const requests = [
  "Please scan the whole video and write down when several birds are on screen",
  "Go over the recording once and note the times at which there is more than one bird",
  "Watch the clip from the beginning and list the moments with a number of birds in view",
  "Look through all of the film and tell at which times you see more than a single bird",
  "Please view the footage and report the points at which some birds appear together",
  "Check the video from start to end and collect the times that show many birds",
];

function restatingRun(): BusRecord[] {
  const startMs = systemClock.nowMs();
  return requests.flatMap((request, index) =>
    toolCallRecords({
      runId: "run-1",
      agentName: "finder",
      toolName: "colleague",
      index,
      traceId: "5".repeat(32),
      startMs: startMs + 1_000 * index,
      arguments: { request },
      outcome: { result: "I will see what I can do about that." },
    }),
  );
}

describe("requests in other words", () => {
  test("are found by what the model says, and again in a replay that has no model", async () => {
    const bus = createMemoryBus();
    const first = await analyseComparing(bus, oneMindedModel);
    await bus.publish(topic.logs, restatingRun());
    const found = (store: typeof first.store) =>
      store.items("findings").filter(({ kind }) => kind === "semantic-loop");
    await vi.waitFor(() => expect(found(first.store).length).toBeGreaterThan(0), 10_000);
    await vi.waitFor(() => expect(first.means).toEqual(Array(5).fill("embedded")), 10_000);

    const log = await observationsOf(bus, "similarity", 5);
    const other = createMemoryBus();
    await other.createTopics(topicSpecs(4));
    await other.publish(topic.observations, log);
    const again = await analyseComparing(other, null);
    const idsOf = (store: typeof first.store): string[] => [
      ...new Set(found(store).map(({ findingId }) => findingId)),
    ];
    await vi.waitFor(() => expect(idsOf(again.store)).toEqual(idsOf(first.store)), 10_000);
  });

  test("are not made up where nobody compares well enough", async () => {
    const bus = createMemoryBus();
    const { store, means } = await analyseComparing(bus, null);
    await bus.publish(topic.logs, restatingRun());
    await vi.waitFor(() => expect(means).toEqual(Array(5).fill("lexical")), 10_000);
    expect(store.items("findings").filter(({ kind }) => kind === "semantic-loop")).toEqual([]);
  });
});
