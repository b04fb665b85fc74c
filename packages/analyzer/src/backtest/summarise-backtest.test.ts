import { describe, expect, it } from "vitest";
import { type BacktestedMoment, type BacktestedRun, joinedRuns } from "./backtested-run.ts";
import { fittingProfile, summariseBacktest, totalsOf } from "./summarise-backtest.ts";

const moment = (kind: BacktestedMoment["kind"]): BacktestedMoment => ({
  findingId: "f-1",
  kind,
  atStep: 6,
  atMs: 6_000,
  costMicroUsd: 600,
});

function runOf(change: Partial<BacktestedRun> = {}): BacktestedRun {
  return {
    runId: "run-1",
    agent: "refunds",
    goal: "Refund order 1042",
    ending: "completed",
    startedAtMs: 0,
    endedAtMs: 10_000,
    steps: 10,
    costMicroUsd: 1_000,
    unpricedCalls: 0,
    lastProgressStep: 10,
    costSinceProgressMicroUsd: 0,
    endedStuck: false,
    nudge: null,
    hold: null,
    findings: [],
    ...change,
  };
}

function heldBy(kind: BacktestedMoment["kind"], change: Partial<BacktestedRun> = {}): BacktestedRun {
  const finding = { findingId: "f-1", kind, confidence: 0.9, summary: "", firstStep: 3, atStep: 6 };
  return runOf({ hold: moment(kind), findings: [{ ...finding, intervention: "pause" }], ...change });
}

const completedRuns = (count: number): BacktestedRun[] => Array.from({ length: count }, () => runOf());

describe("totals of a backtest", () => {
  it("counts what went out after the hold", () => {
    const totals = totalsOf([runOf(), heldBy("exact-loop", { ending: "failed" })]);
    expect(totals).toMatchObject({ runs: 2, held: 1, completedHeld: 0 });
    expect(totals).toMatchObject({ stepsAfterHold: 4, costAfterHoldMicroUsd: 400 });
  });

  it("counts as burned only what runs spent that ended stuck", () => {
    const stuck = { lastProgressStep: 4, costSinceProgressMicroUsd: 500 };
    const totals = totalsOf([runOf({ ...stuck, endedStuck: true }), runOf(stuck)]);
    expect(totals).toMatchObject({ endedStuck: 1, stepsAfterProgress: 6, costAfterProgressMicroUsd: 500 });
  });

  it("calls a run that answered completed", () => {
    expect(totalsOf([runOf({ ending: "answered" }), runOf({ ending: "unknown" })]).completed).toBe(1);
  });

  it("credits the detector that held first", () => {
    const { byDetector, byAgent } = summariseBacktest([heldBy("exact-loop"), runOf({ agent: "other" })]);
    expect(byDetector).toEqual([
      { kind: "exact-loop", runs: 1, nudgedFirst: 0, heldFirst: 1, completedHeldFirst: 1 },
    ]);
    expect(byAgent.map(({ agent }) => agent)).toEqual(["refunds", "other"]);
  });
});

describe("the profile that fits", () => {
  it("is observe while no run is known to have completed", () => {
    expect(fittingProfile([runOf({ ending: "unknown" })]).profile).toBe("observe");
  });

  it("is enforce when next to no completed run would have been held", () => {
    const runs = [...completedRuns(199), heldBy("semantic-loop")];
    expect(fittingProfile(runs)).toEqual({
      profile: "enforce",
      reason: "it would have held 1 of 200 completed runs",
    });
  });

  it("says so when there are too few runs", () => {
    expect(fittingProfile(completedRuns(3)).reason).toContain("too few to be sure");
  });

  it("is guard when only detectors beyond it held completed runs", () => {
    const runs = [...completedRuns(50), heldBy("semantic-loop"), heldBy("no-progress")];
    expect(fittingProfile(runs).profile).toBe("guard");
  });

  it("is observe when the plain detectors held completed runs too", () => {
    const runs = [...completedRuns(50), heldBy("exact-loop")];
    expect(fittingProfile(runs).profile).toBe("observe");
  });

  it("does not count runs that failed anyway", () => {
    const runs = [...completedRuns(50), heldBy("exact-loop", { ending: "failed" })];
    expect(fittingProfile(runs).profile).toBe("enforce");
  });
});

describe("a run that was closed and came again", () => {
  it("adds up and moves later moments behind the first part", () => {
    const joined = joinedRuns(runOf(), heldBy("exact-loop", { startedAtMs: 20_000, endedAtMs: 30_000 }));
    expect(joined).toMatchObject({ steps: 20, costMicroUsd: 2_000, startedAtMs: 0, endedAtMs: 30_000 });
    expect(joined.hold).toMatchObject({ atStep: 16, costMicroUsd: 1_600 });
  });

  it("keeps the first moments", () => {
    expect(joinedRuns(heldBy("exact-loop"), heldBy("budget")).hold?.kind).toBe("exact-loop");
  });
});
