import { describe, expect, it } from "vitest";
import { actionPolicyOf } from "../tool/action-policy.ts";
import { argumentsHash, defaultDecision, needsApproval } from "./approval-question.ts";
import { approvalSettingsSchema } from "./approval-settings.ts";

const policy = (declared: object = {}) => actionPolicyOf({ name: "t", ...declared });
const settings = (given: object = {}) => approvalSettingsSchema.parse(given);

describe("whether a person is asked", () => {
  it.each([
    ["none", {}, false],
    ["none", { approval: "ask", risk: "low" }, true],
    ["medium", { risk: "low" }, false],
    ["medium", { risk: "medium" }, true],
    ["medium", {}, true],
    ["safe", { approval: "never" }, false],
    ["none", { approval: { timeoutMs: 5 } }, true],
  ])("from %s, declared %j: %j", (from, declared, asked) => {
    expect(needsApproval(settings({ from }), policy(declared))).toBe(asked);
  });
});

describe("what silence means", () => {
  const lenient = settings({ onTimeout: "approve-reversible" });
  it.each([
    { given: settings(), declared: { reversible: true }, decision: "deny" },
    { given: lenient, declared: { reversible: true }, decision: "approve" },
    { given: lenient, declared: {}, decision: "deny" },
    { given: lenient, declared: { reversible: false }, decision: "deny" },
    { given: lenient, declared: { reversible: true }, wasInFlight: true, decision: "deny" },
    {
      given: settings(),
      declared: { reversible: true, approval: { onTimeout: "approve" } },
      decision: "approve",
    },
    { given: lenient, declared: { reversible: true, approval: { onTimeout: "deny" } }, decision: "deny" },
  ])("%#", ({ given, declared, wasInFlight = false, decision }) => {
    expect(defaultDecision(given, policy(declared), wasInFlight)).toBe(decision);
  });
});

it("binds a decision to the arguments, however they are spelled", () => {
  expect(argumentsHash('{"a":1,"b":[2]}')).toBe(argumentsHash('{ "b": [2], "a": 1 }'));
  expect(argumentsHash('{"a":1}')).not.toBe(argumentsHash('{"a":2}'));
});
