import { describe, expect, test } from "vitest";
import { stepsOf, watch } from "../../fixtures/scenarios.ts";

const locked = {
  tool: "refund_order",
  args: { order: "A-1042" },
  result: '{"success":false,"code":"LOCKED"}',
};

describe("hidden failure", () => {
  test("an envelope that says it failed under a success is told and nudged", () => {
    const { findings, commands } = watch(stepsOf([locked]));
    expect(findings).toMatchObject([
      { kind: "hidden-failure", stopReason: "HIDDEN_FAILURE", intervention: "nudge" },
    ]);
    expect(commands).toMatchObject([{ verb: "nudge" }]);
  });

  test("a plain error text, which the agent reads itself, is only told", () => {
    const { findings, commands } = watch(
      stepsOf([{ tool: "bash", args: { command: "foo" }, result: "bash: foo: command not found" }]),
    );
    expect(findings.map((finding) => finding.intervention)).toEqual(["observe"]);
    expect(commands).toEqual([]);
  });

  test("success claimed over the failed action names both steps", () => {
    const { findings } = watch(stepsOf([locked, { say: "I have refunded order A-1042." }]));
    const claim = findings.at(-1);
    expect(claim?.summary).toContain("claims success");
    expect(claim?.evidence.map((step) => step.sequence)).toEqual([1, 2]);
  });

  test("no claim is held against a failure that was repaired, or admitted", () => {
    const repaired = watch(
      stepsOf([
        { ...locked, error: true },
        { tool: "refund_order", args: { order: "A-1042" }, result: '{"success":true}' },
        { say: "I have refunded order A-1042." },
      ]),
    );
    expect(repaired.strongest("hidden-failure")).toBeNull();
    const admitted = watch(
      stepsOf([{ ...locked, error: true }, { say: "I could not refund order A-1042, it is locked." }]),
    );
    expect(admitted.strongest("hidden-failure")).toBeNull();
  });

  test("it never pauses a run", () => {
    const many = Array.from({ length: 6 }, (_, index) => ({
      ...locked,
      args: { order: `A-${String(index + 1000)}` },
    }));
    expect(watch(stepsOf(many)).strongest("hidden-failure")).toBe("nudge");
  });
});
