import { generateKeyPairSync } from "node:crypto";
import { createDirectiveSigner, startAnalyzer, type AnalyzerMetrics } from "@plumbline/analyzer";
import { createMemoryBus, type Bus } from "@plumbline/bus";
import {
  directiveSchema,
  runKey,
  systemClock,
  topic,
  type Directive,
  type SignedDirective,
} from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { afterEach, describe, expect, it, vi } from "vitest";
import { stuckRun } from "./support/agent-telemetry.ts";
import { createRecordingStore, type RecordingStore } from "./support/recording-store.ts";

const signer = createDirectiveSigner(generateKeyPairSync("ed25519").privateKey);
const rejected: string[] = [];
const metrics: AnalyzerMetrics = {
  recordRejected: (_record, reason) => void rejected.push(reason),
  rowsRejected: (_table, rows) => void rejected.push(...rows.map(({ reason }) => reason)),
  storeRetried: () => undefined,
  duplicateDropped: () => undefined,
  observationsRefused: (refused) =>
    void rejected.push(...refused.map(({ runId, sender }) => `${runId} of ${sender}`)),
  snapshotUnreadable: (key) => void rejected.push(key),
  findingsNotShown: () => undefined,
  compared: () => undefined,
  ingested: () => undefined,
};
const closers: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  rejected.length = 0;
});

async function analyse(
  bus: Bus,
  store: RecordingStore,
  profile: "enforce" | "guard" | "observe" = "enforce",
) {
  const monitor = createMonitor(createPolicy({ profile }));
  const analyzer = await startAnalyzer({
    bus,
    store,
    clock: systemClock,
    signer,
    monitor,
    metrics,
    profile,
    partitions: 2,
    snapshotIntervalMs: 50,
  });
  closers.push(() => analyzer.close());
  return analyzer;
}

/** The newest directive per run, as a gateway would have it. */
async function followDirectives(bus: Bus): Promise<Map<string, Directive>> {
  const directives = new Map<string, Directive>();
  const tail = await bus.tail({
    topic: topic.controlState,
    from: "beginning",
    onRecord: ({ key, value }) => {
      const { payload } = JSON.parse(new TextDecoder().decode(value)) as SignedDirective;
      directives.set(key ?? "", directiveSchema.parse(JSON.parse(payload)));
    },
  });
  closers.push(() => tail.close());
  return directives;
}

describe("the analyzer", () => {
  it("pauses a run that makes the same call again and again, with the evidence", async () => {
    const bus = createMemoryBus();
    const store = createRecordingStore();
    await analyse(bus, store);
    const directives = await followDirectives(bus);
    await bus.publish(topic.logs, stuckRun("run-1", 8, Date.now()));
    await vi.waitFor(
      () =>
        expect(directives.get(runKey("", "run-1"))).toMatchObject({
          desired: "paused",
          reason: "LOOP_DETECTED",
        }),
      5_000,
    );
    await vi.waitFor(() => expect(store.items("findings").length).toBeGreaterThan(0), 5_000);
    const finding = store.items("findings")[0];
    expect(finding).toMatchObject({ kind: "exact-loop", runId: "run-1", enforced: true });
    expect(finding?.evidence[0]).toMatchObject({
      call: expect.stringContaining("ada@example.com"),
      returned: expect.stringContaining("rows"),
    });
    await vi.waitFor(
      () =>
        expect(store.items("runs").at(-1)).toMatchObject({
          goal: "Find the last order of ada@example.com",
          toolCalls: 8,
        }),
      5_000,
    );
    expect(rejected).toEqual([]);
  });

  it("only says what it would have done in the profile observe", async () => {
    const bus = createMemoryBus();
    const store = createRecordingStore();
    await analyse(bus, store, "observe");
    const directives = await followDirectives(bus);
    await bus.publish(topic.logs, stuckRun("run-1", 8, Date.now()));
    await vi.waitFor(
      () => expect(store.items("findings")[0]).toMatchObject({ enforced: false, intervention: "pause" }),
      5_000,
    );
    expect(directives.size).toBe(0);
  });

  it("does no more than observe when nobody vouches for the telemetry", async () => {
    const bus = createMemoryBus();
    const store = createRecordingStore();
    await analyse(bus, store);
    const directives = await followDirectives(bus);
    await bus.publish(topic.logs, stuckRun("run-1", 8, { startMs: Date.now(), principal: "" }));
    await vi.waitFor(
      () => expect(store.items("findings")[0]).toMatchObject({ enforced: false, intervention: "pause" }),
      5_000,
    );
    expect(directives.size).toBe(0);
  });

  it("leaves a run to the principal that it began with", async () => {
    const bus = createMemoryBus();
    const store = createRecordingStore();
    await analyse(bus, store);
    const directives = await followDirectives(bus);
    const nowMs = Date.now();
    const [beginning, ...rest] = stuckRun("run-1", 2, { startMs: nowMs, principal: "ana" });
    if (beginning === undefined) throw new Error("The run has no beginning.");
    await bus.publish(topic.logs, [beginning]);
    await vi.waitFor(() => expect(store.items("runs").at(-1)?.principal).toBe("ana"), 5_000);
    await bus.publish(topic.logs, stuckRun("run-1", 8, { startMs: nowMs + 1, principal: "mallory" }));
    await vi.waitFor(() => expect(rejected).toContain("run-1 of mallory"), 5_000);
    await bus.publish(topic.logs, stuckRun("run-1", 8, { startMs: nowMs + 2, principal: "" }));
    await vi.waitFor(() => expect(rejected).toContain("run-1 of "), 5_000);
    await bus.publish(topic.logs, rest);
    await vi.waitFor(() => expect(store.items("runs").at(-1)?.toolCalls).toBe(2), 5_000);
    expect(directives.size).toBe(0);
  });

  it("goes on where the last owner stopped: no step twice, no finding twice, no command twice", async () => {
    const bus = createMemoryBus();
    const store = createRecordingStore();
    const records = stuckRun("run-1", 8, Date.now());
    const first = await analyse(bus, store);
    await bus.publish(topic.logs, records.slice(0, 5));
    await vi.waitFor(() => expect(store.items("steps").length).toBeGreaterThan(2), 5_000);
    await first.close();
    await analyse(bus, store);
    const directives = await followDirectives(bus);
    await bus.publish(topic.logs, records.slice(5));
    await vi.waitFor(() => expect(directives.get(runKey("", "run-1"))?.desired).toBe("paused"), 5_000);
    await vi.waitFor(() => expect(store.items("runs").at(-1)?.toolCalls).toBe(8), 5_000);
    expect(new Set(store.items("steps").map((step) => step.stepId)).size).toBe(8);
    expect(
      new Set(
        store
          .items("findings")
          .filter(({ kind }) => kind === "exact-loop")
          .map((finding) => finding.findingId),
      ).size,
    ).toBe(1);
    expect(new Set(store.items("commands").map((command) => command.commandId)).size).toBe(
      store.items("commands").length,
    );
  });

  it("knows a run from its beginning although no snapshot was ever written", async () => {
    const bus = createMemoryBus();
    const publish = bus.publish.bind(bus);
    vi.spyOn(bus, "publish").mockImplementation((name, records) =>
      name === topic.runSnapshots ? Promise.reject(new Error("no room")) : publish(name, records),
    );
    const store = createRecordingStore();
    const records = stuckRun("run-1", 2, Date.now());
    const first = await analyse(bus, store);
    await bus.publish(topic.logs, records.slice(0, 3));
    await vi.waitFor(() => expect(store.items("runs").at(-1)?.toolCalls).toBe(1), 5_000);
    await first.close().catch(() => undefined);
    await analyse(bus, store);
    await bus.publish(topic.logs, records.slice(3));
    await vi.waitFor(
      () =>
        expect(store.items("runs").at(-1)).toMatchObject({
          goal: "Find the last order of ada@example.com",
          toolCalls: 2,
        }),
      5_000,
    );
  });

  it("keeps what it can read of a poisoned topic", async () => {
    const bus = createMemoryBus();
    const store = createRecordingStore();
    await analyse(bus, store);
    const directives = await followDirectives(bus);
    const poison = { key: "x", value: new TextEncoder().encode("not OTLP at all") };
    await bus.publish(topic.logs, [poison, ...stuckRun("run-1", 8, Date.now())]);
    await bus.publish(topic.observations, [{ ...poison, key: runKey("", "run-1") }]);
    await vi.waitFor(() => expect(directives.get(runKey("", "run-1"))?.desired).toBe("paused"), 5_000);
    expect(rejected.length).toBeGreaterThanOrEqual(2);
  });
});
