import type { Checkpoint } from "@plumbline/contracts";
import { createManualClock } from "@plumbline/contracts/testing";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RunKilledError } from "../errors.ts";
import { RunRecord } from "../run/run-record.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { createMemoryCheckpointStore } from "./memory-checkpoint-store.ts";
import { type JournalPorts, RunJournal } from "./run-journal.ts";
import { applyTransition, emptySnapshot } from "./run-snapshot.ts";

const reference = { tenantId: "", runId: "r" };

function newRun(): RunRecord {
  return new RunRecord(
    {
      runId: "r",
      agentName: "a",
      goal: "g",
      conversationId: null,
      parent: undefined,
      limits: {},
      onPause: "wait",
      onControlLost: "continue",
      implicit: false,
    },
    { tenantId: "", startedAtMs: 0, onMove: () => undefined },
  );
}

function setUp(mode: JournalPorts["mode"] = "on", store: CheckpointStore = createMemoryCheckpointStore()) {
  const told: Checkpoint[] = [];
  const ports: JournalPorts = {
    store,
    mode,
    clock: createManualClock(1),
    tenantId: "",
    instanceId: "i",
    maxStateBytes: 1000,
    report: (_, checkpoint) => told.push(checkpoint),
    redacted: (text) => text.replaceAll("secret", "[gone]"),
  };
  return { journal: new RunJournal(ports, newRun()), store, ports, told };
}

const action = (callKey: string) => ({
  callKey,
  stepId: "s",
  toolName: "pay",
  callId: "c",
  argumentsText: '{"card":"secret"}',
  idempotencyKey: callKey,
  reasoning: "why",
});

const broken: CheckpointStore = {
  ...createMemoryCheckpointStore(),
  append: () => Promise.reject(new Error("disk full")),
};

describe("the journal of a run", () => {
  it("has written an action down when it says so, as it is here and redacted for the server", async () => {
    const { journal, store, told } = setUp();
    await journal.actionStarted(action("k1"));
    const stored = await store.load(reference);
    expect(stored?.transitions[0]?.change).toMatchObject({
      kind: "action-started",
      action: { argumentsText: '{"card":"secret"}', checkpointId: "c-1" },
    });
    expect(told).toMatchObject([
      { phase: "action-started", arguments: '{"card":"[gone]"}', checkpointId: "c-1" },
    ]);
  });

  it("lets nothing be done that can't be written down where that is required, and says why", async () => {
    const { journal, told } = setUp("required", broken);
    await expect(journal.actionStarted(action("k1"))).rejects.toThrow("disk full");
    expect(told).toEqual([]);
  });

  it("goes on without a store where it is not required, knowing in memory what was done", async () => {
    const { journal } = setUp("on", broken);
    const started = await journal.actionStarted(action("k1"));
    await journal.actionEnded(started, "done", "paid");
    expect(journal.find("k1")).toMatchObject({ phase: "done", result: "paid" });
    await expect(journal.save({}, "")).rejects.toThrow("disk full");
  });

  it("writes and tells nothing where it is off", async () => {
    const { journal, store, told } = setUp("off");
    await journal.actionStarted(action("k1"));
    await journal.save({ a: 1 }, "");
    expect([await store.load(reference), told]).toEqual([undefined, []]);
    expect(journal.state).toEqual({ a: 1 });
  });

  it("brings no state back after a kill, whatever still comes in", async () => {
    const { journal, store } = setUp();
    const started = await journal.actionStarted(action("k1"));
    await journal.save({ a: 1 }, "");
    await journal.killed(new RunKilledError({ runId: "r", reason: "USER_KILLED", why: "", findingId: null }));
    await journal.actionEnded(started, "done", "paid");
    await journal.save({ a: 2 }, "");
    expect(await store.load(reference)).toMatchObject({ state: null, head: { status: "killed" } });
  });
});

describe("the keys of calls", () => {
  const resumed = async ({ store, ports }: ReturnType<typeof setUp>): Promise<RunJournal> => {
    const stored = await store.load(reference);
    const snapshot = (stored?.transitions ?? []).reduce(applyTransition, emptySnapshot);
    return new RunJournal(ports, newRun(), { snapshot, state: stored?.state ?? null });
  };
  const act = async (journal: RunJournal, callKey: string): Promise<void> => {
    await journal.actionEnded(await journal.actionStarted(action(callKey)), "done", "paid");
  };

  it("leave out of a saved state what its agent had no answer of yet", async () => {
    const parts = setUp();
    const { journal } = parts;
    const key = journal.beginCall("pay 1");
    await act(journal, key);
    await journal.save({ paid: [] }, "");
    journal.endCall(key);
    const next = await resumed(parts);
    expect(next.beginCall("pay 1")).toBe(key);
    expect(next.find(key)).toMatchObject({ phase: "done" });
  });

  it("are new ones for the same call after its answer was saved", async () => {
    const parts = setUp();
    const key = parts.journal.beginCall("pay 1");
    await act(parts.journal, key);
    parts.journal.endCall(key);
    await parts.journal.save({ paid: [1] }, "");
    const next = await resumed(parts);
    expect(next.beginCall("pay 1")).not.toBe(key);
    expect(next.actions()).toEqual([]);
  });

  it("go on after an action that was taken up, whether or not the agent makes its call again", async () => {
    const parts = setUp();
    const key = parts.journal.beginCall("pay 1");
    const started = await parts.journal.actionStarted(action(key));
    const again = await resumed(parts);
    again.takeUpCall(started);
    const takenUp = await again.actionStarted(action(key));
    expect(takenUp.checkpointId).toBe(started.checkpointId);
    await again.actionEnded(takenUp, "done", "paid");
    again.endCall(key);
    await again.save({ paid: [1] }, "");
    expect(again.beginCall("pay 1")).not.toBe(key);
  });
});

describe("a journal that another process goes on with", () => {
  type Step = { do: "start" | "done" | "failed" | "save"; key: number };
  const steps = fc.array(
    fc.record({ do: fc.constantFrom("start", "done", "failed", "save"), key: fc.nat(3) }),
    { maxLength: 25 },
  );

  async function play(journal: RunJournal, { do: what, key }: Step): Promise<void> {
    const callKey = `k${String(key)}`;
    const known = journal.find(callKey);
    if (what === "save") await journal.save({ key }, "");
    else if (what === "start" && known === undefined) await journal.actionStarted(action(callKey));
    else if (known?.phase === "started")
      await journal.actionEnded(known.action, what === "failed" ? "failed" : "done", what);
  }

  it("knows exactly what the one before it knew, and calls the rest in flight", async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (played) => {
        const { journal, store, ports } = setUp();
        for (const step of played) await play(journal, step);
        const stored = await store.load(reference);
        const snapshot = (stored?.transitions ?? []).reduce(applyTransition, emptySnapshot);
        const next = new RunJournal(ports, newRun(), { snapshot, state: stored?.state ?? null });
        for (const key of [0, 1, 2, 3])
          expect(next.find(`k${String(key)}`)).toEqual(journal.find(`k${String(key)}`));
        expect(next.state).toEqual(journal.state);
        const open = journal.actions().filter(({ phase }) => phase === "started");
        expect(next.inFlight()).toEqual(open);
      }),
      { numRuns: 50 },
    );
  });
});
