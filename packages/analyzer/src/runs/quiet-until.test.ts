import type { Observation } from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import fc from "fast-check";
import { expect, it } from "vitest";
import { createAssembler } from "./assemble/create-assembler.ts";
import { modelSpan, says, toolSpan, toolStart, user } from "./assemble/fixtures/observations.ts";
import { noEffects } from "./effects.ts";
import { heartbeat, runEnd, runStart } from "./fixtures/run-events.ts";
import { foldRun } from "./fold-run.ts";
import { quietUntilMs } from "./quiet-until.ts";
import { restUntilMs } from "./rest-until.ts";
import { initialRunState, type RunParts, type RunState } from "./run-state.ts";

const parts: RunParts = {
  assembler: createAssembler(),
  monitor: createMonitor(createPolicy({ profile: "enforce" })),
  profile: "enforce",
  anonymous: "enforce",
};
const beganMs = 1_750_000_000_000;

const happenings: readonly ((second: number) => Observation)[] = [
  (second) => runStart(second, "Find order 42"),
  (second) => ({ ...runStart(second, "Find order 42"), limits: { wallTimeMs: 600_000 } }) as Observation,
  (second) => heartbeat(second),
  (second) => modelSpan(second, { input: [user("Find order 42")], output: [says("I look.")] }),
  (second) => toolSpan(second, { name: "find", id: `c-${String(second)}`, arguments: "{}", result: "[]" }),
  (second) => toolStart(second, { name: "find", id: `s-${String(second)}`, arguments: "{}" }),
  (second) => runEnd(second, "completed"),
];

function foldAll(observations: readonly Observation[]): RunState {
  let state = initialRunState(parts, { tenantId: "", runId: "run-1", agentName: "support", atMs: beganMs });
  for (const [offset, observation] of observations.entries())
    state = foldRun(state, { type: "observation", observation, offset }, { parts, effects: noEffects() });
  return state;
}

/** The state after a moment, and whether anything followed from the moment. */
function after(state: RunState, nowMs: number): { state: RunState; isQuiet: boolean } {
  const effects = noEffects();
  const next = foldRun(state, { type: "timer", nowMs, offset: 1_000_000 }, { parts, effects });
  const isQuiet = next === state && Object.values(effects).every((list) => (list as unknown[]).length === 0);
  return { state: next, isQuiet };
}

/** Lets moments pass, a second apart, until one changes nothing. */
function restingState(from: RunState, nowMs: number): { state: RunState; nowMs: number } {
  let state = from;
  let momentMs = nowMs;
  for (let moment = 0; moment < 10; moment += 1) {
    const passed = after(state, momentMs);
    if (passed.isQuiet) break;
    ({ state } = passed);
    momentMs += 1_000;
  }
  return { state, nowMs: momentMs };
}

it("no moment before it changes anything, whatever the run has been through", () => {
  let looked = 0;
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...happenings), { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 3_600_000 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (happened, waitedMs, share) => {
        const run = foldAll(happened.map((observe, index) => observe(index + 1)));
        const { state, nowMs } = restingState(run, beganMs + happened.length * 1_000 + waitedMs);
        const untilMs = Math.min(quietUntilMs(state, parts, nowMs), nowMs + 7_200_000);
        const momentMs = Math.floor(nowMs + (untilMs - 1 - nowMs) * share);
        if (momentMs < nowMs) return;
        looked += 1;
        expect(after(state, momentMs)).toEqual({ state, isQuiet: true });
      },
    ),
    { numRuns: 300 },
  );
  expect(looked).toBeGreaterThan(50);
});

it("a run at work is left alone for minutes, not for ever", () => {
  const run = foldAll([runStart(1, "Find order 42"), heartbeat(2)]);
  const { state, nowMs } = restingState(run, beganMs + 3_000);
  const untilMs = quietUntilMs(state, parts, nowMs);
  expect(untilMs).toBeGreaterThan(nowMs + 5_000);
  expect(untilMs).toBeLessThan(nowMs + 3_600_000);
});

it("a silent run still ends by being forgotten when timers come only when they are due", () => {
  let state = foldAll([modelSpan(1, { input: [user("hello")], output: [says("I look.")] })]);
  let nowMs = beganMs + 2_000;
  let looks = 0;
  while (state.summary.status === "running" && looks < 100) {
    const passed = after(state, nowMs);
    nowMs = passed.isQuiet
      ? Math.max(nowMs + 1_000, quietUntilMs(passed.state, parts, nowMs))
      : nowMs + 1_000;
    ({ state } = passed);
    looks += 1;
  }
  expect(state.summary).toMatchObject({ status: "failed", stopReason: "STALLED" });
  expect(nowMs - beganMs).toBeLessThan(32 * 60_000);
});

it("a run is known to be at rest before a timer has looked at it, and one that a timer changes is not", () => {
  const form = foldAll([runStart(1, "Find order 42"), heartbeat(2)]);
  const nowMs = beganMs + 3_000;
  expect(after(form, nowMs).isQuiet).toBe(true);
  expect(restUntilMs({ form, quietUntilMs: 0 }, parts, nowMs)).toBe(quietUntilMs(form, parts, nowMs));
  const silentMs = beganMs + 60_000;
  expect(after(form, silentMs).isQuiet).toBe(false);
  expect(restUntilMs({ form, quietUntilMs: 0 }, parts, silentMs)).toBe(0);
});
