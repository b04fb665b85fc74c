import { describe, expect, it } from "vitest";
import { ImplicitRuns, type RequestHints } from "./implicit-runs.ts";
import { RunRecord } from "./run-record.ts";

const firstTurn: RequestHints = {
  runId: undefined,
  conversationId: undefined,
  systemPrompt: "be kind",
  firstUserMessage: "hello",
  firstReply: undefined,
  previousResponseId: undefined,
};
const laterTurn = (firstReply: string): RequestHints => ({ ...firstTurn, firstReply });

function createRuns(): ImplicitRuns {
  const runs = new Map<string, RunRecord>();
  return new ImplicitRuns({
    tenantId: "",
    service: "s",
    get: (runId) => runs.get(runId),
    start({ runId, goal, conversationId }) {
      const common = {
        agentName: "a",
        parent: undefined,
        limits: {},
        onPause: "wait",
        onControlLost: "continue",
        implicit: true,
      } as const;
      const run = new RunRecord(
        { ...common, runId, goal, conversationId },
        { tenantId: "", startedAtMs: 0, onMove: () => undefined },
      );
      runs.set(runId, run);
      return run;
    },
  });
}

describe("a request without supervise", () => {
  it("belongs to the run whose first answer its history holds", () => {
    const runs = createRuns();
    const [first, second] = [runs.runOf(firstTurn), runs.runOf(firstTurn)];
    runs.answered(first, "hi one", null);
    runs.answered(second, "hi two", null);
    expect(first.runId).not.toBe(second.runId);
    expect(runs.runOf(laterTurn("hi one"))).toBe(first);
    expect(runs.runOf(laterTurn("hi two"))).toBe(second);
  });

  it("belongs to the latest run of its root when its history holds an answer nobody knows", () => {
    const runs = createRuns();
    const run = runs.runOf(firstTurn);
    expect(runs.runOf(laterTurn("rewritten"))).toBe(run);
  });

  it("begins a new run when the question was answered before, and repeats the run whose first call failed", () => {
    const runs = createRuns();
    const run = runs.runOf(firstTurn);
    runs.failed(run);
    expect(runs.runOf(firstTurn)).toBe(run);
    runs.answered(run, "hi", null);
    runs.failed(run);
    expect(runs.runOf(firstTurn)).not.toBe(run);
  });

  it("follows an explicit run id, a conversation id and the previous response, in this order", () => {
    const runs = createRuns();
    const named = runs.runOf({ ...firstTurn, runId: "r-1", conversationId: "c-1" });
    expect(named.runId).toBe("r-1");
    const conversation = runs.runOf({ ...firstTurn, conversationId: "c-1" });
    expect(runs.runOf({ ...firstTurn, firstUserMessage: "other", conversationId: "c-1" })).toBe(conversation);
    runs.answered(conversation, "", "resp-1");
    expect(runs.runOf({ ...firstTurn, firstUserMessage: undefined, previousResponseId: "resp-1" })).toBe(
      conversation,
    );
  });

  it("has the id that the analyzer derives from the same facts", () => {
    expect(createRuns().runOf(firstTurn).runId).toMatch(/^h-/);
    expect(createRuns().runOf(firstTurn).runId).toBe(createRuns().runOf(firstTurn).runId);
  });
});
