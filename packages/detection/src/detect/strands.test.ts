import { describe, expect, test } from "vitest";
import { type Event, stepsOf, times, watch } from "../fixtures/scenarios.ts";

const loopKinds = ["exact-loop", "semantic-loop", "no-progress", "retry-storm"] as const;

/** Every call followed by an entry in a log. */
const logged = (events: readonly Event[], result: (index: number) => unknown): Event[] =>
  events.flatMap((event, index) => [
    event,
    { tool: "log", args: { message: `entry about ${String(index * 31)}` }, result: result(index) },
  ]);

const byAnother = (events: readonly Event[]) => {
  const steps = stepsOf(
    events.flatMap((event, index) => [
      event,
      {
        tool: "read",
        args: { page: index },
        result: `chapter ${String(index * 17)} tells of w${String(index * 7)}`,
      },
    ]),
  );
  return steps.map((step) => (step.name === "read" ? { ...step, agentName: "second" } : step));
};

const lookups = (count: number): Event[] => [
  ...times(4, (index) => ({
    tool: `open_${String(index)}`,
    args: { n: index },
    result: `part ${String(index * 13)}`,
  })),
  ...times(count, () => ({ tool: "search", args: { q: "null pointer" }, result: "no matches" })),
];

describe("side tools neither break nor make a loop", () => {
  test.each([
    ["that is only acknowledged", () => "ok"],
    ["that acknowledges in JSON", () => ({ status: "ok", success: true })],
    ["that answers the same sentence each time", () => "The list was changed."],
    ["that counts its entries", (index: number) => `entry ${String(4200 + index)} written`],
  ])("a loop between the calls of a logger %s is held at its third repeat", (_what, result) => {
    const { callsUntil } = watch(stepsOf(logged(lookups(6), result)));
    expect(callsUntil("pause", ...loopKinds)).toBe(2 * 4 + 2 * 3 - 1);
  });

  test("a logger beside work is no loop, whether it repeats itself or not", () => {
    const work = times(20, (index): Event => ({
      tool: "read",
      args: { n: index },
      result: `page ${String(index)}`,
    }));
    expect(watch(stepsOf(logged(work, () => "ok"))).findings).toEqual([]);
    const still: Event = { tool: "log", args: { message: "still at it" }, result: "ok" };
    expect(watch(stepsOf(work.flatMap((event) => [event, still]))).findings).toEqual([]);
  });

  test("a long cycle between the calls of a logger is held in its third lap", () => {
    const cycle = times(40, (index): Event => ({
      tool: `t${String(index % 7)}`,
      result: `r${String(index % 7)}`,
    }));
    const { callsUntil } = watch(stepsOf(logged(cycle, () => "ok")));
    expect(callsUntil("pause", "exact-loop")).toBeLessThanOrEqual(2 * 14);
  });

  test("edits that are only acknowledged leave a check that moves alone", () => {
    const events = times(24, (index): Event =>
      index % 2 === 0
        ? { tool: "edit", args: { line: index }, result: "ok" }
        : { tool: "test", result: `FAILED test_${String(index)} - value ${String(index * 3)}`, error: true },
    );
    expect(watch(stepsOf(events)).strongest(...loopKinds)).toBeNull();
  });

  test("an acknowledged call repeated with nothing in between is a loop all the same", () => {
    const events = times(6, (): Event => ({ tool: "save", args: { file: "a" }, result: "ok" }));
    expect(watch(stepsOf(events)).callsUntil("pause", "exact-loop")).toBe(4);
  });
});

describe("another agent's work", () => {
  test("does not hide a loop", () => {
    const events = times(8, (): Event => ({ tool: "search", args: { q: "x" }, result: [] }));
    expect(watch(byAnother(events)).strongest("exact-loop")).toBe("pause");
  });

  test("does not end an episode of a storm of retries", () => {
    const events = times(10, (index): Event => ({
      tool: "write",
      args: { p: `a${String(index)}` },
      result: "EACCES",
      error: true,
    }));
    expect(watch(byAnother(events)).strongest("retry-storm")).toBe("pause");
  });

  test("does not make one of work", () => {
    const events = times(12, (index): Event => ({
      tool: "fetch",
      args: { id: index },
      result: `row ${String(index * 9)}`,
    }));
    expect(watch(byAnother(events)).findings).toEqual([]);
  });
});

describe("late revisions", () => {
  test("a log entry that left the window is not counted again", () => {
    const steps = stepsOf(
      logged(
        lookups(0).concat(
          times(20, (index) => ({ tool: "read", args: { n: index }, result: `p ${String(index)}` })),
        ),
        () => "ok",
      ),
    );
    const early = steps.find((step) => step.name === "log");
    if (early === undefined) throw new Error("a log entry");
    const again = { ...early, revision: 3 };
    expect(watch([...steps, again]).state.totals.toolCalls).toBe(watch(steps).state.totals.toolCalls);
  });
});
