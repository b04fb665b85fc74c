import { describe, expect, it } from "vitest";
import type { CheckpointStore } from "./checkpoint-store.ts";
import type { Change, RunHead } from "./transition.ts";

export const sampleHead = (status: RunHead["status"], updatedAtMs = 1): RunHead => ({
  agentName: "refunds",
  goal: "Refund order 1042",
  conversationId: null,
  limits: { steps: 9 },
  tally: {
    startedAtMs: 0,
    steps: 3,
    modelCalls: 2,
    toolCalls: 1,
    inputTokens: 10,
    outputTokens: 5,
    cachedInputTokens: 0,
    usd: 0.1,
  },
  status,
  updatedAtMs,
});

const transition = (sequence: number, change: Change = { kind: "completed" }) => ({
  sequence,
  atMs: sequence,
  change,
});
const started: Change = {
  kind: "action-started",
  action: {
    checkpointId: "c-1",
    callKey: "i-1",
    callHash: "h",
    occurrence: 0,
    stepId: "t.s",
    toolName: "refund",
    callId: "call_1",
    argumentsText: '{"order":1042}',
    idempotencyKey: "i-1",
    reasoning: "Charged twice.",
  },
};

/** What every checkpoint store holds to. */
export function describeCheckpointStore(name: string, open: () => CheckpointStore): void {
  const run = { tenantId: "t", runId: "r-1" };

  describe(`${name} as a checkpoint store`, () => {
    it("gives back what was written, in order, with the last state", async () => {
      const store = open();
      expect(await store.load(run)).toBeUndefined();
      await store.append(run, {
        head: sampleHead("live"),
        transition: transition(1, started),
        state: '{"a":1}',
      });
      await store.append(run, { head: sampleHead("live", 2), transition: transition(2) });
      await store.append(run, {
        head: sampleHead("stopped", 3),
        transition: transition(3),
        state: '{"a":2}',
      });
      expect(await store.load(run)).toMatchObject({
        head: sampleHead("stopped", 3),
        state: '{"a":2}',
        transitions: [transition(1, started), transition(2), transition(3)],
      });
      store.close();
    });

    it("takes no transition twice and leaves none out", async () => {
      const store = open();
      const append = (sequence: number) =>
        store.append(run, { head: sampleHead("live"), transition: transition(sequence) });
      await append(1);
      await expect(append(1)).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
      await expect(append(3)).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
      await append(2);
      expect((await store.load(run))?.transitions).toHaveLength(2);
      store.close();
    });

    it("lists what can go on, the one changed last first, tenant by tenant", async () => {
      const store = open();
      const put = (runId: string, head: RunHead) =>
        store.append({ tenantId: "t", runId }, { head, transition: transition(1) });
      await put("old", sampleHead("stopped", 1));
      await put("new", sampleHead("live", 2));
      await put("done", sampleHead("completed", 3));
      await put("killed", sampleHead("killed", 4));
      await store.append(
        { tenantId: "u", runId: "theirs" },
        { head: sampleHead("live"), transition: transition(1) },
      );
      expect((await store.list("t")).map(({ runId }) => runId)).toEqual(["new", "old"]);
      store.close();
    });

    it("removes a state on demand and keeps the history", async () => {
      const store = open();
      await store.append(run, { head: sampleHead("live"), transition: transition(1), state: "{}" });
      await store.append(run, { head: sampleHead("killed"), transition: transition(2), state: null });
      expect(await store.load(run)).toMatchObject({ state: null, head: { status: "killed" } });
      expect((await store.load(run))?.transitions).toHaveLength(2);
      store.close();
    });
  });
}
