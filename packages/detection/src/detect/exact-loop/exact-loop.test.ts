import type { Step } from "@plumbline/contracts";
import { describe, expect, test } from "vitest";
import { type Event, stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const same = (count: number, result: unknown = []): Event[] =>
  times(count, () => ({ tool: "search", args: { q: "x" }, result }));

/** Each call so many times as long after the one before as that after the one before it. */
function withGaps(steps: readonly Step[], firstMs: number, factor: number): Step[] {
  let startMs = 1_750_000_000_000;
  return steps.map((step, index) => {
    startMs += firstMs * factor ** index;
    return { ...step, startMs, endMs: startMs + 10 };
  });
}

const failing = (count: number): Event[] =>
  times(count, () => ({ tool: "store", args: { id: 7 }, result: "503 Service Unavailable", error: true }));

describe("exact loop", () => {
  test("the same failure after ever longer pauses is backing off, and not for ever", () => {
    expect(watch(withGaps(stepsOf(failing(5)), 1000, 2)).findings).toEqual([]);
    expect(watch(withGaps(stepsOf(failing(5)), 1000, 1)).callsUntil("pause", "exact-loop")).toBe(3);
    expect(watch(withGaps(stepsOf(failing(9)), 1000, 2)).strongest("exact-loop")).toBe("pause");
  });

  test("what fills the time between two failures with other calls is not backing off", () => {
    const [store] = failing(1);
    const look = (q: string): Event => ({ tool: "search", args: { q }, result: [] });
    const events = [store, store, look("a"), look("b"), look("b"), store].filter((one) => one !== undefined);
    expect(watch(stepsOf(events)).callsUntil("pause", "exact-loop")).toBe(6);
  });

  test("equal answers with a minute in between are a poll, unless the call itself takes so long", () => {
    const polls = withGaps(stepsOf(same(12)), 60_000, 1);
    expect(watch(polls).findings).toEqual([]);
    const slow = polls.map((step) => ({ ...step, endMs: step.startMs + 59_000 }));
    expect(watch(slow).strongest("exact-loop")).toBe("pause");
  });

  test("a call that works in between does not insist, and one that draws goes in no circle", () => {
    const check = (index: number): Event => ({
      tool: "check",
      args: { target: "all" },
      result: index % 3 === 0 ? "Error: check failed" : "passed",
      error: index % 3 === 0,
    });
    const bisect = times(8, (index): Event[] => [
      check(index),
      {
        tool: "bisect",
        args: { build: index % 3 === 0 ? "bad" : "good" },
        result: `${String(900 >> index)} left`,
      },
    ]);
    expect(watch(stepsOf(bisect.flat())).strongest("exact-loop")).toBeNull();
    const dice = times(40, (index) => ({
      tool: "roll",
      result: String(1 + ((index * 7 + (index >> 1) * 3) % 6)),
    }));
    expect(watch(stepsOf(dice)).strongest()).toBeNull();
  });

  test("three equal calls with equal results are held at the third", () => {
    expect(watch(stepsOf(same(3))).callsUntil("pause", "exact-loop")).toBe(3);
  });

  test("two are none", () => {
    expect(watch(stepsOf(same(2))).findings).toEqual([]);
  });

  test("equal calls whose results differ are work", () => {
    const events = times(12, (index) => ({ tool: "next", result: `record ${String(index)}` }));
    expect(watch(stepsOf(events)).findings).toEqual([]);
  });

  test("a waiting answer may repeat nineteen times and not for ever", () => {
    expect(watch(stepsOf(same(19, '{"status":"running"}'))).findings).toEqual([]);
    expect(watch(stepsOf(same(24, '{"status":"running"}'))).strongest("exact-loop")).toBe("pause");
  });

  test("a declared poller is given the same patience", () => {
    const events = times(12, () => ({ tool: "level", result: "17", traits: { polls: true } }));
    expect(watch(stepsOf(events)).findings).toEqual([]);
  });

  test("an agent that says the same again and again without doing anything is held", () => {
    const events = times(4, () => ({ say: "I will now look into this for you." }));
    expect(watch(stepsOf(events)).strongest("exact-loop")).toBe("pause");
  });

  test("the same announcement before different work is none", () => {
    const events = times(6, (index) => [
      { say: "Let me try the next one." },
      { tool: "open", args: { n: index }, result: `file ${String(index * 7)} says hello${String(index)}` },
    ]).flat();
    expect(watch(stepsOf(events)).findings).toEqual([]);
  });

  test("the same failing call is held although a person says yes each time", () => {
    const events = times(4, (index) => [
      { user: `Yes please try again, number ${String(index)} of my patience` },
      { tool: "book", args: { card: "visa_4421" }, result: "Payment method not found", error: true },
    ]).flat();
    expect(watch(stepsOf(events)).strongest("exact-loop")).toBe("pause");
  });
});
