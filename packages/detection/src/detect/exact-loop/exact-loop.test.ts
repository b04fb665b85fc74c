import { describe, expect, test } from "vitest";
import { type Event, stepsOf, times, watch } from "../../fixtures/scenarios.ts";

const same = (count: number, result: unknown = []): Event[] =>
  times(count, () => ({ tool: "search", args: { q: "x" }, result }));

describe("exact loop", () => {
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
