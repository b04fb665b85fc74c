import { breakerErrorType, type Step } from "@plumbline/contracts";
import { describe, expect, test } from "vitest";
import { stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const failing = (count: number) =>
  times(count, (index) => ({
    tool: "write",
    args: { path: `a${String(index)}` },
    result: "EACCES: permission denied",
    error: true,
  }));

describe("retry storm", () => {
  test("one tool that fails whatever the arguments is nudged, then paused", () => {
    const { callsUntil, commands } = watch(stepsOf(failing(8)));
    expect(callsUntil("nudge", "retry-storm")).toBe(5);
    expect(callsUntil("pause", "retry-storm")).toBe(7);
    expect(commands.at(-1)).toMatchObject({ verb: "pause", reason: "RETRY_LIMIT_REACHED" });
  });

  test("ever longer pauses are given more patience", () => {
    const growing = stepsOf(failing(9)).map((step, index) => {
      const startMs = 1_750_000_000_000 + 1000 * 2 ** index;
      return { ...step, startMs, endMs: startMs + 10 };
    });
    expect(watch(growing.slice(0, 7)).strongest("retry-storm")).toBeNull();
    expect(watch(growing).strongest("retry-storm")).toBe("nudge");
  });

  test("a success in between begins the count anew", () => {
    const events = [
      ...failing(4),
      { tool: "write", args: { path: "ok" }, result: "written 12 bytes" },
      ...failing(4),
    ];
    expect(watch(stepsOf(events)).strongest("retry-storm")).toBeNull();
  });

  test("different failures of different calls are exploring", () => {
    const reasons = [
      "no such column year",
      "ambiguous name id",
      "syntax error at WHERE",
      "table songs is missing",
      "aggregate needs grouping",
      "division by zero",
    ];
    const events = reasons.map((reason, index) => ({
      tool: "sql",
      args: { query: `select ${String(index)}` },
      result: reason,
      error: true,
    }));
    expect(watch(stepsOf(events)).strongest("retry-storm")).toBeNull();
  });

  describe("of a tool with a circuit breaker", () => {
    const refused = (count: number, last: string) =>
      times(count, (index) => ({
        tool: "write",
        args: { path: `b${String(index)}` },
        result: `Error: The tool was not called: ${last} It is tried again in ${String(29 - 3 * index)} s.`,
        error: true,
      }));
    const answeredFor = (step: Step): Step =>
      step.tool?.result?.includes("not called") === true
        ? { ...step, outcome: { ...step.outcome, errorType: breakerErrorType } }
        : step;

    test("is one storm, held after as many calls as without", () => {
      const events = [...failing(3), ...refused(5, "it failed 3 times in a row.")];
      const { callsUntil, findings } = watch(stepsOf(events).map(answeredFor));
      expect(callsUntil("nudge", "retry-storm")).toBe(5);
      expect(callsUntil("pause", "retry-storm")).toBe(7);
      expect(new Set(findings.map(({ findingId }) => findingId)).size).toBe(1);
    });

    test("that other runs opened is one storm too", () => {
      const steps = stepsOf(refused(8, "it failed elsewhere.")).map(answeredFor);
      const { callsUntil, findings } = watch(steps);
      expect(callsUntil("pause", "retry-storm")).toBe(7);
      expect(new Set(findings.map(({ findingId }) => findingId)).size).toBe(1);
    });
  });
});
