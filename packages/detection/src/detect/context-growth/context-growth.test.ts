import { modelStep } from "@plumbline/contracts/testing";
import { describe, expect, test } from "vitest";
import { times, watch } from "../../fixtures/scenarios.ts";

const replies = (tokens: readonly number[]) =>
  tokens.map((inputTokens, index) => {
    const step = modelStep(index + 1, `Reply ${String(index * 17)}`);
    const usage = {
      inputTokens,
      outputTokens: 10,
      cachedInputTokens: 0,
      reasoningOutputTokens: 0,
      estimated: false,
    };
    return { ...step, model: step.model === null ? null : { ...step.model, usage } };
  });

describe("context growth", () => {
  test("a prompt near the window is told and never acted on", () => {
    const { findings, commands } = watch(replies([90_000, 110_000, 120_000]));
    expect(findings).toMatchObject([
      { kind: "context-growth", intervention: "observe", stopReason: null },
      {},
    ]);
    expect(commands).toEqual([]);
  });

  test("a prompt that keeps its size is none, whatever that is", () => {
    expect(watch(replies(times(10, () => 60_000))).findings).toEqual([]);
  });

  test("small prompts may grow", () => {
    expect(watch(replies([100, 900, 4000, 9000])).findings).toEqual([]);
  });
});
