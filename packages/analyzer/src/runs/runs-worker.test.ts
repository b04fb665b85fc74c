import { type Assignment, type Commit, type ReceivedRecord, createMemoryBus } from "@plumbline/bus";
import { type Command, type Observation, type RunSummary, topic, topicSpecs } from "@plumbline/contracts";
import { createManualClock } from "@plumbline/contracts/testing";
import { createMonitor, createPolicy } from "@plumbline/detection";
import type { Store } from "@plumbline/store";
import { describe, expect, it, onTestFinished } from "vitest";
import { strictMetrics as metrics } from "../fixtures/strict-metrics.ts";
import { StoreTurns } from "../persist/store-turns.ts";
import { RunsBacklog } from "../runs-backlog.ts";
import { createAssembler } from "./assemble/create-assembler.ts";
import { runStart } from "./fixtures/run-events.ts";
import { openRunsWorker } from "./runs-worker.ts";

const nobody = () => undefined;
/** The beginning of a run, as the record at an offset. */
function beginning(runId: string, offset: number): ReceivedRecord {
  const observation: Observation = {
    ...runStart(0, `Find ${runId}`),
    observationId: `o-${runId}`,
    affinity: runId,
    source: { topic: topic.logs, partition: 0, offset, index: 0 },
    atMs: 1_750_000_000_000 + offset,
  };
  const value = new TextEncoder().encode(JSON.stringify(observation));
  return { topic: topic.observations, partition: 0, offset, key: runId, value, headers: {}, timestampMs: 0 };
}

/** A table of summaries as the database keeps it: a repeated token is dropped, the highest revision counts. */
function createSummaries(tokens: Iterable<string> = []) {
  const seen = new Set(tokens);
  const newest = new Map<string, RunSummary>();
  const insert = (table: string, items: readonly RunSummary[], token: string) => {
    if (table === "runs" && !seen.has(token)) {
      for (const summary of items)
        if ((newest.get(summary.runId)?.revision ?? -1) <= summary.revision)
          newest.set(summary.runId, summary);
    }
    seen.add(token);
    return Promise.resolve({ inserted: items.length, rejected: [] });
  };
  return { store: { insert } as unknown as Store, runIds: () => [...newest.keys()].toSorted() };
}

const pause: Command = {
  version: 1,
  type: "command",
  tenantId: "",
  runId: "any",
  commandId: "k-1",
  issuedBy: "policy:exact-loop@1",
  issuedAtMs: 1,
  findingId: "f-1",
  message: "It goes round in circles.",
  verb: "pause",
  reason: "LOOP_DETECTED",
};

const plainMonitor = createMonitor(createPolicy({ profile: "guard" }));

/** Pauses every run as soon as it begins. */
const strictMonitor: typeof plainMonitor = {
  ...plainMonitor,
  next: (state, input) => {
    const next = plainMonitor.next(state, input);
    return input.type === "run-start" ? { ...next, outputs: [{ type: "command", command: pause }] } : next;
  },
};

/** The successor of an owner that left this commit behind. */
async function takeOver(store: Store, committed: Commit, monitor = plainMonitor) {
  const commands: Command[] = [];
  const bus = createMemoryBus();
  await bus.createTopics(topicSpecs(1));
  const ownership = new AbortController();
  const assignment: Assignment = {
    partition: 0,
    committed: new Map([[topic.observations, committed]]),
    commit: () => Promise.resolve(),
    signal: ownership.signal,
    wake: nobody,
  };
  const worker = await openRunsWorker(
    {
      bus,
      store,
      metrics,
      backlog: new RunsBacklog(),
      turns: new StoreTurns(),
      clock: createManualClock(),
      parts: {
        assembler: createAssembler(),
        monitor,
        profile: "guard",
        anonymous: "observe",
      },
      publisher: {
        publish: (effects) => {
          commands.push(...effects.commands);
          return Promise.resolve();
        },
      },
      controlState: { follow: () => nobody },
      timerIntervalMs: 1_000,
      snapshotIntervalMs: 2_000,
    },
    assignment,
  );
  onTestFinished(async () => {
    ownership.abort();
    await bus.close();
  });
  const deliver = (...records: ReceivedRecord[]): Promise<void> =>
    worker.onBatch({ topic: topic.observations, records, endOffset: (records.at(-1)?.offset ?? 0) + 1 });
  return { deliver, commands, end: () => worker.close() };
}

describe("summaries of runs, after an owner died", () => {
  it("are written of runs that only committed records tell of", async () => {
    const { store, runIds } = createSummaries();
    const successor = await takeOver(store, { offset: 2, metadata: "" });
    await successor.deliver(beginning("first", 0), beginning("second", 1));
    await successor.deliver(beginning("third", 2));
    await successor.end();
    expect(runIds()).toEqual(["first", "second", "third"]);
  });

  it("are written although the range in which they fell was stored before with others", async () => {
    const { store, runIds } = createSummaries([`plumbline.runs:${topic.observations}:0:0-2:runs`]);
    const successor = await takeOver(store, { offset: 0, metadata: '{"to":2}' });
    await successor.deliver(beginning("first", 0), beginning("second", 1));
    await successor.deliver(beginning("third", 2));
    await successor.end();
    expect(runIds()).toEqual(["first", "second", "third"]);
  });
});

describe("commands of runs, after an owner died", () => {
  it("are published again of committed records: the owner before may have decided otherwise", async () => {
    const { store, runIds } = createSummaries();
    const successor = await takeOver(store, { offset: 1, metadata: "" }, strictMonitor);
    await successor.deliver(beginning("first", 0), beginning("second", 1));
    await successor.end();
    expect(successor.commands).toEqual([pause, pause]);
    expect(runIds()).toEqual(["first", "second"]);
  });
});
