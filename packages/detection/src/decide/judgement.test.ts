import type { MonitorInput } from "../monitor.ts";
import { describe, expect, test } from "vitest";
import { type Event, stepsOf, times, watch } from "../fixtures/scenarios.ts";

const storm = (count: number): Event[] =>
  times(count, (index) => ({
    tool: "write",
    args: { p: `a${String(index)}` },
    result: "EACCES",
    error: true,
  }));
const steps = stepsOf(storm(14));
const findingId = watch(steps).findings.find(({ kind }) => kind === "retry-storm")?.findingId ?? "";
const judged = (verdict: "stuck" | "working"): MonitorInput => ({ type: "judgement", findingId, verdict });

/** The verdict comes after the nudge, which is given at the fifth call. */
const verbsAfter = (verdict: "stuck" | "working", at = 5): string[] =>
  watch([...steps.slice(0, at), judged(verdict), ...steps.slice(at)]).commands.map(({ verb }) => verb);

describe("a model's verdict", () => {
  test("that the run works holds the ladder where it is", () => {
    expect(watch(steps).commands.map(({ verb }) => verb)).toEqual(["nudge", "pause"]);
    expect(verbsAfter("working")).toEqual(["nudge"]);
  });

  test("that it is stuck takes it no further than it goes by itself", () => {
    expect(verbsAfter("stuck")).toEqual(["nudge", "pause"]);
  });

  test("that comes after the pause changes nothing", () => {
    expect(verbsAfter("working", 9)).toEqual(["nudge", "pause"]);
  });

  test("on a finding that is not there changes nothing", () => {
    const other: MonitorInput = { type: "judgement", findingId: "f-other", verdict: "working" };
    expect(watch([...steps.slice(0, 5), other, ...steps.slice(5)]).state).toEqual(watch(steps).state);
  });

  test("does not hold back a loop that is certain", () => {
    const exact = times(6, (): Event => ({
      tool: "write",
      args: { p: "a1" },
      result: "EACCES",
      error: true,
    }));
    const all = stepsOf([...storm(5), ...exact]);
    const { commands } = watch([...all.slice(0, 5), judged("working"), ...all.slice(5)]);
    expect(commands.map(({ verb, issuedBy }) => `${verb} ${issuedBy}`)).toEqual([
      "nudge policy:retry-storm@1",
      "pause policy:exact-loop@1",
    ]);
  });
});
