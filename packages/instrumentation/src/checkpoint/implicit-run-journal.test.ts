import type { Checkpoint } from "@plumbline/contracts";
import { createManualClock } from "@plumbline/contracts/testing";
import { describe, expect, it } from "vitest";
import { RunRecord } from "../run/run-record.ts";
import { createMemoryCheckpointStore } from "./memory-checkpoint-store.ts";
import { RunJournal } from "./run-journal.ts";

function journalOf(instanceId: string, startedAtMs: number, mode: "on" | "required" = "on") {
  const store = createMemoryCheckpointStore();
  const told: Checkpoint[] = [];
  const run = new RunRecord(
    {
      runId: "h-1",
      agentName: "a",
      goal: "g",
      conversationId: "thread-1",
      parent: undefined,
      limits: {},
      onPause: "wait",
      onControlLost: "continue",
      implicit: true,
    },
    { tenantId: "", startedAtMs, onMove: () => undefined },
  );
  const journal = new RunJournal(
    {
      store,
      mode,
      clock: createManualClock(1),
      tenantId: "",
      instanceId,
      maxStateBytes: 1000,
      report: (_, checkpoint) => told.push(checkpoint),
      redacted: (text) => text,
    },
    run,
  );
  return { journal, store, told };
}

const proposed = (callKey: string) => ({
  callKey,
  stepId: "s",
  toolName: "pay",
  callId: "c",
  argumentsText: "{}",
  idempotencyKey: callKey,
  reasoning: "",
});

describe("the journal of a run that was recognised from its requests", () => {
  it("tells the server and keeps nothing for a process that would resume it", async () => {
    const { journal, store, told } = journalOf("i-1", 5);
    await journal.actionEnded(await journal.actionStarted(proposed("k")), "done", "paid");
    expect(told.map(({ phase }) => phase)).toEqual(["action-started", "action-done"]);
    expect(await store.list("")).toEqual([]);
  });

  it("lets nothing be done where a record is required, and says how to get one", async () => {
    const { journal, told } = journalOf("i-1", 5, "required");
    const refused = journal.actionStarted(proposed("k"));
    await expect(refused).rejects.toThrow("CHECKPOINT_REQUIRED");
    await expect(refused).rejects.toMatchObject({ mend: expect.stringContaining("supervise()") as string });
    expect(told).toEqual([]);
    expect(journal.actions()).toEqual([]);
  });

  it("gives no key and no checkpoint a name that another life of the conversation gave", async () => {
    const lives = [journalOf("i-1", 5), journalOf("i-2", 5), journalOf("i-1", 6)];
    const keys = lives.map(({ journal }) => journal.beginCall("pay 1"));
    for (const { journal } of lives) await journal.actionStarted(proposed("k"));
    expect(new Set(keys).size).toBe(3);
    expect(new Set(lives.map(({ told }) => told[0]?.checkpointId)).size).toBe(3);
  });

  it("holds on to what is open and to the latest that ended, without their answers", async () => {
    const { journal } = journalOf("i-1", 5);
    await journal.actionStarted(proposed("open"));
    for (let index = 0; index < 30; index += 1) {
      const started = await journal.actionStarted(proposed(`k-${String(index)}`));
      await journal.actionEnded(started, "done", "a long answer");
    }
    const kept = journal.actions();
    expect(kept).toHaveLength(21);
    expect(kept.map(({ action }) => action.callKey)).toContain("open");
    expect(kept.map(({ action }) => action.callKey)).toContain("k-29");
    expect(kept.every(({ result }) => result === "")).toBe(true);
  });
});
