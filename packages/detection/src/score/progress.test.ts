import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Event, stepsOf, times, watch } from "../fixtures/scenarios.ts";
import { nextProgress } from "./progress.ts";

const call = fc.record({
  tool: fc.constantFrom("read", "search", "write"),
  args: fc.record({
    q: fc.constantFrom("alpha", "beta", "gamma", "delta"),
    page: fc.integer({ min: 0, max: 3 }),
  }),
  result: fc.constantFrom(
    "",
    "[]",
    "ok",
    "Paris is the capital of France",
    "the order 1042 was shipped on Monday",
    '{"error":"locked"}',
  ),
});
const calls = fc.array(call, { minLength: 1, maxLength: 25 });

const progressOf = (events: readonly Event[]): number[] =>
  watch(stepsOf(events))
    .scores.filter((score) => score.name === "progress")
    .map((score) => score.value);

describe("the progress score", () => {
  test("stays between 0 and 1", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        (progress, gain, act) => {
          const next = nextProgress(progress, { gain, act });
          expect(next).toBeGreaterThanOrEqual(0);
          expect(next).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  test("is never raised by a repeated step", () => {
    fc.assert(
      fc.property(calls, fc.nat(), (events, pick) => {
        const repeated = events[pick % events.length];
        if (repeated === undefined) return;
        const scores = progressOf([...events, repeated]);
        expect(scores.at(-1)).toBeLessThanOrEqual(scores.at(-2) ?? 1);
      }),
    );
  });

  test("does not change with volatile fields and times", () => {
    fc.assert(
      fc.property(calls, (events) => {
        const noisy = events.map((event, index) => ({
          ...event,
          args: { ...event.args, request_id: `r${String(index)}`, timestamp: index },
          result: event.result === "ok" ? `ok 2026-03-01T10:00:${String(10 + index)}Z` : event.result,
        }));
        const marked = events.map((event) => ({
          ...event,
          result: event.result === "ok" ? "ok 2026-01-01T00:00:00Z" : event.result,
        }));
        expect(progressOf(noisy)).toEqual(progressOf(marked));
      }),
    );
  });

  test("does not change with the order of keys", () => {
    fc.assert(
      fc.property(calls, (events) => {
        const turned = events.map((event) => ({
          ...event,
          args: { page: event.args.page, q: event.args.q },
        }));
        expect(progressOf(turned)).toEqual(progressOf(events));
      }),
    );
  });

  test("rises while work tells something and falls while a call repeats itself", () => {
    const work = times(8, (index) => ({
      tool: "read",
      args: { page: index },
      result: `chapter ${String(index)} is about topic${String(index * 7)}`,
    }));
    const stuck = times(10, () => ({ tool: "search", args: { q: "x" }, result: "[]" }));
    const scores = progressOf([...work, ...stuck]);
    expect(scores[7]).toBeGreaterThan(0.8);
    expect(scores.at(-1)).toBeLessThan(0.35);
  });
});

describe("verdicts", () => {
  test("don't change when tools get other names", () => {
    fc.assert(
      fc.property(calls, (events) => {
        const renamed = events.map((event) => ({ ...event, tool: `zz_${event.tool}_v2` }));
        const summary = (list: readonly Event[]): string[] =>
          watch(stepsOf(list)).findings.map(
            (finding) => `${finding.kind} ${finding.intervention} ${String(finding.atSequence)}`,
          );
        expect(summary(renamed)).toEqual(summary(events));
      }),
      { numRuns: 60 },
    );
  });
});
