import { type BacktestedRun, summariseBacktest } from "@plumbline/analyzer";
import { describe, expect, it } from "vitest";
import { formatBacktest } from "./format-backtest.ts";

const held: BacktestedRun = {
  runId: "r-1",
  agent: "refunds",
  goal: "Refund order 1042",
  ending: "answered",
  startedAtMs: 0,
  endedAtMs: 60_000,
  steps: 30,
  costMicroUsd: 3_000_000,
  unpricedCalls: 2,
  lastProgressStep: 10,
  costSinceProgressMicroUsd: 2_000_000,
  endedStuck: true,
  nudge: null,
  hold: { findingId: "f-9", kind: "exact-loop", atStep: 13, atMs: 30_000, costMicroUsd: 1_200_000 },
  findings: [
    {
      findingId: "f-9",
      kind: "exact-loop",
      confidence: 0.9,
      summary: "search_orders was called 3 times with the same arguments and the same result.",
      intervention: "pause",
      firstStep: 11,
      atStep: 13,
    },
  ],
};

function pageOf(runs: BacktestedRun[], rejected: string[] = []): string {
  return formatBacktest({
    source: "traces",
    sinceMs: 0,
    counts: { spans: 40, logs: 0, rejected: rejected.length },
    leftOut: rejected,
    summary: summariseBacktest(runs),
    runs,
  });
}

describe("the page of a backtest", () => {
  it("tells what was burned, where it would have been held and what came after", () => {
    const page = pageOf([held]);
    expect(page).toContain("1 run ended stuck: 20 steps and $2.00 after their last progress");
    expect(page).toContain("(2 model calls of unknown price or usage left out)");
    expect(page).toMatch(/r-1 +refunds +answered +exact-loop +13 of 30 +1970-01-01 00:00:30 +17 +\$1\.80/);
  });

  it("lists the findings of completed runs to be judged", () => {
    expect(pageOf([held])).toMatch(/f-9 +r-1 +Refund order 1042 +search_orders was called/);
    expect(pageOf([{ ...held, ending: "failed" }])).not.toContain("TO JUDGE:");
  });

  it("says when there is nothing, and what was left out", () => {
    expect(pageOf([], ["a.json is no OTLP."])).toBe(
      "No runs in traces.\n\nLEFT OUT  1 record or file\n  a.json is no OTLP.",
    );
  });

  it("shows the costliest first and says how many there are", () => {
    const runs = Array.from({ length: 30 }, (_, index) => ({
      ...held,
      runId: `r-${String(index)}`,
      costMicroUsd: held.costMicroUsd + index,
    }));
    const page = pageOf(runs);
    expect(page).toContain("WHERE EACH WOULD HAVE BEEN HELD (20 of 30; --json has all)");
    expect(page.indexOf("r-29")).toBeLessThan(page.indexOf("r-28"));
  });
});
