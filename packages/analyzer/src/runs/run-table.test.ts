import { createMonitor, createPolicy } from "@plumbline/detection";
import { expect, it } from "vitest";
import { createAssembler } from "./assemble/create-assembler.ts";
import { says, toolSpan, modelSpan, user } from "./assemble/fixtures/observations.ts";
import { noEffects } from "./effects.ts";
import { foldRun } from "./fold-run.ts";
import { initialRunState, type RunParts, type RunState } from "./run-state.ts";
import { RunTable } from "./run-table.ts";

const parts: RunParts = {
  assembler: createAssembler(),
  monitor: createMonitor(createPolicy({ profile: "enforce" })),
  profile: "enforce",
  anonymous: "enforce",
};

function workedRun(runId: string): RunState {
  const observations = [
    modelSpan(1, { input: [user("Wo ist Bestellung 42? 🚚")], output: [says("I look it up.")] }),
    toolSpan(2, { name: "find", id: "c-1", arguments: '{"order":42}', result: '{"rows":[]}' }),
    modelSpan(3, { input: [user("Wo ist Bestellung 42? 🚚")], output: [says("Nowhere.")] }),
  ];
  let state = initialRunState(parts, { tenantId: "", runId, agentName: "support", atMs: 0 });
  for (const [offset, observation] of observations.entries())
    state = foldRun(state, { type: "observation", observation, offset }, { parts, effects: noEffects() });
  return state;
}

function tableOf(states: readonly (readonly [string, RunState])[]): RunTable {
  const runs = new RunTable([], (key, error) => {
    throw new Error(key, { cause: error });
  });
  for (const [key, state] of states) runs.set(key, state);
  return runs;
}

const atOnce = (): Promise<void> => Promise.resolve();
const keysDueAt = (runs: RunTable, nowMs: number): string[] => [...runs.dueAt(nowMs)].map(([key]) => key);

it("gives a run back as it was put in, at work, at rest and at work again", async () => {
  const state = workedRun("r-1");
  const runs = tableOf([["a", state]]);
  expect(runs.get("a")).toBe(state);
  for (let sweep = 0; sweep < 3; sweep += 1) await runs.packResting(atOnce);
  expect(runs.get("a")).toEqual(state);
  expect(runs.get("a")).not.toBe(state);
  runs.set("a", state);
  expect(runs.get("a")).toBe(state);
});

it("packs only what was left alone for a whole sweep", async () => {
  const [resting, busy] = [workedRun("r-1"), workedRun("r-2")];
  const runs = tableOf([
    ["resting", resting],
    ["busy", busy],
  ]);
  await runs.packResting(atOnce);
  runs.set("busy", busy);
  await runs.packResting(atOnce);
  expect(runs.get("busy")).toBe(busy);
  expect(runs.get("resting")).not.toBe(resting);
});

it("packs sooner where many are at work", async () => {
  const packedAfter = async (count: number): Promise<number> => {
    const state = workedRun("r");
    const runs = tableOf(Array.from({ length: count }, (_unused, index) => [String(index), state]));
    for (let second = 0; second < 20; second += 1) {
      await runs.packInTime(second * 1_000, atOnce);
      if (runs.heldOf("0")?.form instanceof Uint8Array) return second;
    }
    return Number.NaN;
  };
  expect(await packedAfter(401)).toBe(1);
  expect(await packedAfter(400)).toBe(5);
});

it("gives way to other work while it packs many", async () => {
  const runs = tableOf(
    Array.from({ length: 100 }, (_unused, index) => [`r-${String(index)}`, workedRun("r")]),
  );
  let turns = 0;
  const countTurn = (): Promise<void> => {
    turns += 1;
    return Promise.resolve();
  };
  await runs.packResting(countTurn);
  expect(turns).toBe(0);
  await runs.packResting(countTurn);
  expect(turns).toBeGreaterThan(3);
});

it("leaves runs alone until the time that was set, or until they change", () => {
  const state = workedRun("r-1");
  const runs = tableOf([["a", state]]);
  expect(keysDueAt(runs, 1)).toEqual(["a"]);
  runs.leaveUntil("a", 1_000);
  expect(keysDueAt(runs, 999)).toEqual([]);
  expect(keysDueAt(runs, 1_000)).toEqual(["a"]);
  runs.set("a", state);
  expect(keysDueAt(runs, 1)).toEqual(["a"]);
});

it("forgets what is deleted, packed or not", async () => {
  const runs = tableOf([["a", workedRun("r-1")]]);
  await runs.packResting(atOnce);
  await runs.packResting(atOnce);
  runs.delete("a");
  expect([runs.heldOf("a"), runs.get("a"), runs.size]).toEqual([undefined, undefined, 0]);
  runs.leaveUntil("a", 5);
  expect(keysDueAt(runs, 10)).toEqual([]);
});

it("tells of a run that can't be unpacked, once, and leaves it out", () => {
  const told: string[] = [];
  const broken = { form: new Uint8Array([1, 2, 3]), quietUntilMs: 0 };
  const runs = new RunTable([["broken", broken]], (key) => told.push(key));
  expect(keysDueAt(runs, 10)).toEqual([]);
  expect(runs.get("broken")).toBeUndefined();
  expect(told).toEqual(["broken"]);
  runs.set("broken", workedRun("r-1"));
  expect(runs.get("broken")?.summary.runId).toBe("r-1");
});
