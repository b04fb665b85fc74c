import { describe, expect, test } from "vitest";
import { stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const quick = stepsOf(
  times(6, (index) => ({
    tool: "search",
    args: { q: `topic${String(index)}` },
    result: `page ${String(index * 7)}`,
  })),
);
const last = quick.at(-1);
const lastMs = last?.endMs ?? 0;
const open = quick.slice(-1).map((step) => ({
  ...step,
  stepId: "open",
  sequence: 7,
  state: "running" as const,
  startMs: lastMs + 1000,
  endMs: null,
}));
const timer = (afterMs: number) => ({ type: "timer" as const, nowMs: lastMs + afterMs });

describe("stall", () => {
  test("a call that takes far longer than its tool usually does is nudged, then paused when it lasts as long again", () => {
    const { findings } = watch([...quick, ...open, timer(20_000), timer(60_000), timer(200_000)]);
    expect(findings.map((finding) => [finding.kind, finding.intervention])).toEqual([
      ["stall", "nudge"],
      ["stall", "pause"],
    ]);
  });

  test("a call within its usual time is left alone", () => {
    expect(watch([...quick, ...open, timer(5000)]).findings).toEqual([]);
  });

  test("a tool that is usually slow is given its time", () => {
    const slow = stepsOf(
      times(6, (index) => ({ tool: "build", args: { n: index }, result: `log ${String(index * 3)}` })),
    ).map((step) => ({ ...step, endMs: step.startMs + 300_000 }));
    const end = slow.at(-1)?.endMs ?? 0;
    const running = slow.slice(-1).map((step) => ({
      ...step,
      stepId: "open",
      sequence: 7,
      state: "running" as const,
      startMs: end,
      endMs: null,
    }));
    expect(watch([...slow, ...running, { type: "timer", nowMs: end + 400_000 }]).findings).toEqual([]);
  });

  test("silence of a run without gate or heartbeats is only told", () => {
    const { findings } = watch([...quick, timer(3_600_000)], { hasGate: false });
    expect(findings.map((finding) => finding.intervention)).toEqual(["observe"]);
  });

  test("a run that ended does not stall", () => {
    expect(watch([...quick, { type: "run-end", atMs: lastMs }, timer(3_600_000)]).findings).toEqual([]);
  });
});
