import { generateKeyPairSync } from "node:crypto";
import {
  type AnalyzerMetrics,
  createDirectiveSigner,
  type ModelForComparison,
  startAnalyzer,
} from "@plumbline/analyzer";
import { type Bus, type BusRecord, createMemoryBus } from "@plumbline/bus";
import { type AgentEvent, systemClock, topic, topicSpecs } from "@plumbline/contracts";
import { createMonitor, createPolicy, miniLmCalibration } from "@plumbline/detection";
import { afterEach, describe, expect, test, vi } from "vitest";
import { logRecordOf } from "./support/agent-telemetry.ts";
import { createRecordingStore } from "./support/recording-store.ts";

const signer = createDirectiveSigner(generateKeyPairSync("ed25519").privateKey);
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

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

async function analyse(bus: Bus, openModel: (() => Promise<ModelForComparison>) | null) {
  const store = createRecordingStore();
  const means: string[] = [];
  const nobody = (): void => undefined;
  const metrics: AnalyzerMetrics = {
    recordRejected: (_record, reason) => {
      throw new Error(reason);
    },
    rowsRejected: nobody,
    storeRetried: nobody,
    duplicateDropped: nobody,
    observationsRefused: nobody,
    snapshotUnreadable: nobody,
    findingsNotShown: nobody,
    ingested: nobody,
    compared: (how) => void means.push(how),
  };
  const analyzer = await startAnalyzer({
    bus,
    store,
    clock: systemClock,
    signer,
    monitor: createMonitor(createPolicy({ profile: "enforce" })),
    metrics,
    profile: "enforce",
    partitions: 4,
    openModel,
  });
  closers.push(() => analyzer.close());
  return { store, means };
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
  const at = (index: number) => ({ traceId: "5".repeat(32), spanId: `${String(index)}`.padStart(16, "a") });
  const common = { runId: "run-1", agentName: "finder", parentSpanId: "" };
  return requests.flatMap((request, index) => {
    const timeMs = startMs + 1_000 * index;
    const tool = { kind: "tool" as const, toolName: "colleague", callId: `call-${String(index)}` };
    const start: AgentEvent = {
      name: "plumbline.step.start",
      ...common,
      startMs: timeMs,
      step: { ...tool, arguments: JSON.stringify({ request }), traits: {} },
    };
    const end: AgentEvent = {
      name: "plumbline.step.end",
      ...common,
      startMs: timeMs,
      endMs: timeMs + 50,
      error: null,
      step: { ...tool, result: "I will see what I can do about that." },
    };
    return [
      logRecordOf(start, { ...at(index), timeMs }),
      logRecordOf(end, { ...at(index), timeMs: timeMs + 50 }),
    ];
  });
}

const kindOf = ({ value }: BusRecord): string =>
  (JSON.parse(new TextDecoder().decode(value ?? new Uint8Array())) as { kind: string }).kind;

const similaritiesIn = (log: readonly BusRecord[]): BusRecord[] =>
  log.filter((record) => kindOf(record) === "similarity");

/** What is on the observations log once so many answers are, timers aside. */
async function observationsOf(bus: Bus, answers: number): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  const tail = await bus.tail({
    topic: topic.observations,
    from: "beginning",
    onRecord: ({ key, value, headers }) => {
      if (key !== null) records.push({ key, value, headers });
    },
  });
  await vi.waitFor(() => expect(similaritiesIn(records)).toHaveLength(answers), 10_000);
  await tail.close();
  return records;
}

describe("requests in other words", () => {
  test("are found by what the model says, and again in a replay that has no model", async () => {
    const bus = createMemoryBus();
    const first = await analyse(bus, oneMindedModel);
    await bus.publish(topic.logs, restatingRun());
    const found = (store: typeof first.store) =>
      store.items("findings").filter(({ kind }) => kind === "semantic-loop");
    await vi.waitFor(() => expect(found(first.store).length).toBeGreaterThan(0), 10_000);
    await vi.waitFor(() => expect(first.means).toEqual(Array(5).fill("embedded")), 10_000);

    const log = await observationsOf(bus, 5);
    const other = createMemoryBus();
    await other.createTopics(topicSpecs(4));
    await other.publish(topic.observations, log);
    const again = await analyse(other, null);
    const idsOf = (store: typeof first.store): string[] => [
      ...new Set(found(store).map(({ findingId }) => findingId)),
    ];
    await vi.waitFor(() => expect(idsOf(again.store)).toEqual(idsOf(first.store)), 10_000);
  });

  test("are not made up where nobody compares well enough", async () => {
    const bus = createMemoryBus();
    const { store, means } = await analyse(bus, null);
    await bus.publish(topic.logs, restatingRun());
    await vi.waitFor(() => expect(means).toEqual(Array(5).fill("lexical")), 10_000);
    expect(store.items("findings").filter(({ kind }) => kind === "semantic-loop")).toEqual([]);
  });
});
