import { describe, expect, test } from "vitest";
import { stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const work = (count: number) =>
  stepsOf(
    times(count, (index) => ({
      tool: `t${String(index)}`,
      args: { n: index },
      result: `fact ${String(index * 7)}`,
    })),
  );

describe("budget", () => {
  test("a limit that is reached pauses the run at once", () => {
    const { commands } = watch(work(12), { limits: { steps: 10 } });
    expect(commands).toMatchObject([{ verb: "pause", reason: "BUDGET_EXCEEDED" }]);
  });

  test("a limit that is near is told with when it will be reached", () => {
    const { findings, commands } = watch(work(8), { limits: { steps: 10 } });
    expect(findings).toMatchObject([{ kind: "budget", intervention: "observe" }]);
    expect(findings[0]?.summary).toMatch(/At this pace the limit is reached in \d+ s/);
    expect(commands).toEqual([]);
  });

  test("money is counted from the model calls", () => {
    const replies = stepsOf(
      times(20, (index) => ({ say: `Thought number ${String(index * 13)} about it.` })),
    );
    expect(watch(replies, { limits: { usd: 0.001 } }).commands).toMatchObject([{ verb: "pause" }]);
    expect(watch(replies, { limits: { usd: 1 } }).commands).toEqual([]);
  });

  test("wall time runs on while nothing happens", () => {
    const steps = work(1);
    const nowMs = (steps[0]?.startMs ?? 0) + 61_000;
    expect(
      watch([...steps, { type: "timer", nowMs }], { limits: { wallTimeMs: 60_000 } }).commands,
    ).toHaveLength(1);
  });

  test("a limit that a person raises lets the run go on", () => {
    const steps = work(14);
    const base = {
      version: 1 as const,
      tenantId: "",
      runId: "run-1",
      reason: null,
      findingId: null,
      message: "",
      nudges: [],
      approvals: {},
      issuedAtMs: 0,
      issuedBy: "user:ana",
    };
    const paused = {
      type: "directive" as const,
      directive: { ...base, generation: 1, desired: "paused" as const, limits: {} },
      atMs: 0,
    };
    const raised = {
      type: "directive" as const,
      directive: { ...base, generation: 2, desired: "running" as const, limits: { steps: 100 } },
      atMs: 0,
    };
    expect(
      watch([...steps.slice(0, 11), paused, raised, ...steps.slice(11)], { limits: { steps: 10 } }).commands,
    ).toHaveLength(1);
  });
});
