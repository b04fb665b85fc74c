import type { Observation } from "@plumbline/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Assembly } from "./assembler.ts";
import { createAssembler } from "./create-assembler.ts";
import { wholeRun } from "./fixtures/whole-run.ts";
import type { WindowLimits } from "./settle.ts";

const run = { tenantId: "", runId: "run-1" };
const narrow: WindowLimits = { maxRecords: 6, maxChars: 4_000 };
const wide: WindowLimits = { maxRecords: 1_000, maxChars: 1_000_000 };

/** What follows from each observation, and the state at the end. `handedOn` says what becomes of each state. */
function told(
  observations: readonly Observation[],
  window: WindowLimits,
  handedOn: (state: Assembly) => Assembly,
): { results: unknown[]; state: unknown } {
  const assembler = createAssembler({ window });
  let state = assembler.begin(run);
  const results = observations.map((observation) => {
    const { state: next, steps, goal } = assembler.next(state, observation);
    state = handedOn(next);
    return { steps, goal };
  });
  return { results, state: JSON.parse(JSON.stringify(state)) as unknown };
}

const asItIs = (state: Assembly): Assembly => state;
const writtenDown = (state: Assembly): Assembly => JSON.parse(JSON.stringify(state)) as Assembly;

/** Any order, late and repeated records among them. */
const arrivals = fc
  .tuple(fc.shuffledSubarray(wholeRun(6), { minLength: 12 }), fc.array(fc.nat(30), { maxLength: 12 }))
  .map(([shuffled, again]) => {
    const arrived = [...shuffled];
    for (const at of again) {
      const repeated = shuffled[at];
      if (repeated !== undefined) arrived.splice(at * 2, 0, repeated);
    }
    return arrived;
  });

test("what is remembered beside a state changes nothing: from what was written down the same follows, step by step", () => {
  fc.assert(
    fc.property(arrivals, fc.constantFrom(narrow, wide), (observations, window) => {
      expect(told(observations, window, asItIs)).toEqual(told(observations, window, writtenDown));
    }),
    { numRuns: 60 },
  );
});

test("a state stays as it was when others follow from it", () => {
  fc.assert(
    fc.property(arrivals, fc.nat(11), (observations, at) => {
      const assembler = createAssembler({ window: narrow });
      const after = (state: Assembly, rest: readonly Observation[]): string => {
        let last = state;
        const steps = rest.flatMap((observation) => {
          const result = assembler.next(last, observation);
          last = result.state;
          return result.steps;
        });
        return JSON.stringify([last, steps]);
      };
      let state = assembler.begin(run);
      for (const observation of observations.slice(0, at)) ({ state } = assembler.next(state, observation));
      const written = JSON.stringify(state);
      const once = after(state, observations.slice(at));
      expect(JSON.stringify(state)).toBe(written);
      expect(after(state, observations.slice(at))).toBe(once);
    }),
    { numRuns: 100 },
  );
});

test("a state that names its records, as versions before wrote it, goes on as if it listed them", () => {
  const observations = wholeRun(3);
  const assembler = createAssembler();
  let state = assembler.begin(run);
  for (const observation of observations.slice(0, 6)) ({ state } = assembler.next(state, observation));
  const {
    records,
    emitted,
    totals: _unknownThen,
    ...rest
  } = state as {
    records?: { place: { traceId: string; spanId: string } }[];
    emitted?: { stepId: string }[];
    totals?: unknown;
  };
  const named = {
    ...rest,
    version: 1,
    records: Object.fromEntries(
      (records ?? []).map((record) => [`${record.place.traceId}.${record.place.spanId}`, record]),
    ),
    emitted: Object.fromEntries((emitted ?? []).map(({ stepId, ...step }) => [stepId, step])),
  };
  expect(Object.keys(named.records).length).toBeGreaterThan(2);
  for (const observation of observations.slice(6))
    expect(assembler.next(named, observation)).toEqual(assembler.next(state, observation));
});
