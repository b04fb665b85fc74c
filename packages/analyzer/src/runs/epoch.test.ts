import type { Message, Observation } from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { describe, expect, it } from "vitest";
import { createAssembler } from "./assemble/create-assembler.ts";
import { modelSpan, says, toolSpan, user } from "./assemble/fixtures/observations.ts";
import { type Effects, noEffects } from "./effects.ts";
import { runEnd as end, runStart as start } from "./fixtures/run-events.ts";
import { foldRun } from "./fold-run.ts";
import { initialRunState, type RunParts, type RunState } from "./run-state.ts";

const parts: RunParts = {
  assembler: createAssembler(),
  monitor: createMonitor(createPolicy({ profile: "enforce" })),
  profile: "enforce",
  anonymous: "enforce",
};

interface Folded {
  state: RunState;
  effects: Effects;
}

function fold(observations: readonly Observation[]): Folded {
  const effects = noEffects();
  let state = initialRunState(parts, { tenantId: "", runId: "run-1", agentName: "support", atMs: 0 });
  for (const [offset, observation] of observations.entries())
    state = foldRun(state, { type: "observation", observation, offset }, { parts, effects });
  return { state, effects };
}

const stuckCalls = (from: number, count: number): Observation[] =>
  Array.from({ length: count }, (_unused, index) =>
    toolSpan(from + index, {
      name: "find",
      id: `c-${String(from + index)}`,
      arguments: '{"q":"ada"}',
      result: '{"rows":[]}',
    }),
  );

const turn = (second: number, messages: Message[], answer: string): Observation =>
  modelSpan(second, { input: messages, output: [says(answer)] });

describe("a run that goes on after its end", () => {
  it("is watched again: a loop in its second life is found and paused", () => {
    const { state, effects } = fold([
      start(1, "first"),
      ...stuckCalls(2, 2),
      end(10, "completed"),
      start(20, "second"),
      ...stuckCalls(21, 8),
    ]);
    expect(state.summary).toMatchObject({
      status: "running",
      goal: "second",
      endedAtMs: null,
      toolCalls: 10,
    });
    expect(effects.raised.map(({ kind }) => kind)).toContain("exact-loop");
    expect(effects.commands.map(({ verb }) => verb)).toContain("pause");
    expect(effects.raised.every(({ firstSequence }) => firstSequence > 2)).toBe(true);
  });

  it("serves what was asked last, where nobody declares a goal", () => {
    const first = [user("Where is order 7?")];
    const second = [...first, says("On its way."), user("Then cancel order 8.")];
    const { state } = fold([
      turn(1, first, "On its way."),
      end(3, "completed"),
      turn(20, second, "Order 8 is cancelled."),
    ]);
    expect(state.summary).toMatchObject({ status: "running", goal: "Then cancel order 8.", modelCalls: 2 });
  });

  it("stays ended when what comes late began before the end", () => {
    const { state } = fold([start(1, "goal"), end(10, "completed"), ...stuckCalls(2, 1)]);
    expect(state.summary).toMatchObject({ status: "completed", stopReason: "COMPLETED", toolCalls: 1 });
  });

  it("stays killed whatever comes", () => {
    const { state } = fold([start(1, "goal"), end(10, "killed"), start(20, "again"), ...stuckCalls(21, 1)]);
    expect(state.summary).toMatchObject({ status: "killed", stopReason: "USER_KILLED" });
  });
});
