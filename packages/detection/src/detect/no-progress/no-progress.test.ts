import { describe, expect, test } from "vitest";
import { type Event, stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const round = (index: number, failure: string): Event[] => [
  { tool: "edit", args: { text: `version ${String(index)}` }, result: "ok" },
  { tool: "test", result: failure, error: true },
];

describe("no progress", () => {
  test("edits that never change the failing test are nudged at the third failure and paused at the fourth", () => {
    const { callsUntil } = watch(
      stepsOf(times(6, (index) => round(index, "FAILED test_a - KeyError")).flat()),
    );
    expect(callsUntil("nudge", "no-progress")).toBe(6);
    expect(callsUntil("pause", "no-progress")).toBe(8);
  });

  test("a failure that moves is debugging", () => {
    const events = times(12, (index) =>
      round(index, `FAILED test_${String(index)} - value ${String(index * 3)} expected`),
    ).flat();
    expect(watch(stepsOf(events)).findings).toEqual([]);
  });

  test("the same answer among new information is checking", () => {
    const events = times(4, (index) => [
      {
        tool: `fix_${String(index)}`,
        args: { n: index },
        result: `changed setting number ${String(index * 7)} to value${String(index)}`,
      },
      { tool: "status", result: "signal: none" },
    ]).flat();
    expect(watch(stepsOf(events)).findings).toEqual([]);
  });
});
