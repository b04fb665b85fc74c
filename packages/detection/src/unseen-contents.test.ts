import type { Outcome, Step } from "@plumbline/contracts";
import { modelStep, toolStep } from "@plumbline/contracts/testing";
import { describe, expect, test } from "vitest";
import { times, watch } from "./fixtures/scenarios.ts";

const unknown: Outcome = { class: "unknown", evidence: null, errorType: null, message: null };
const failed: Outcome = { class: "error", evidence: "span status", errorType: null, message: null };
const originMs = 1_750_000_000_000;

interface Seen {
  outcome?: Outcome;
  callArguments?: string;
}

/** A model call and a tool call a round, as telemetry with its contents switched off tells of them. */
function rounds(names: readonly string[], { outcome = unknown, callArguments = "" }: Seen = {}): Step[] {
  return names.flatMap((name, index) => {
    const startMs = originMs + index * 4000;
    const reply = modelStep(index * 2 + 1, "", { startMs, endMs: startMs + 100 });
    const call = toolStep(index * 2 + 2, { name }, { startMs: startMs + 100, endMs: startMs + 150, outcome });
    return [
      { ...reply, model: reply.model === null ? null : { ...reply.model, output: [] } },
      { ...call, tool: call.tool === null ? null : { ...call.tool, arguments: callArguments, result: null } },
    ];
  });
}

describe("telemetry without contents", () => {
  test("calls of one tool of which nothing else is known are no repetition", () => {
    expect(watch(rounds(times(40, () => "get_order"))).findings).toEqual([]);
  });

  test("the same tools in the same order are none either", () => {
    const names = ["search", "get_order", "refund", "send_email"];
    expect(watch(rounds(times(40, (index) => names[index % 4] ?? ""))).findings).toEqual([]);
  });

  test("a tool that fails every time is a retry storm", () => {
    const names = times(8, () => "get_order");
    expect(watch(rounds(names, { outcome: failed })).strongest("retry-storm")).toBe("pause");
  });

  test("equal calls whose answers nobody saw are given the patience of a poll, and no more", () => {
    const seen = { callArguments: '{"job":"j-1"}' };
    expect(
      watch(
        rounds(
          times(19, () => "get_job"),
          seen,
        ),
      ).findings,
    ).toEqual([]);
    expect(
      watch(
        rounds(
          times(24, () => "get_job"),
          seen,
        ),
      ).strongest("exact-loop"),
    ).toBe("pause");
  });
});
