import { describe, expect, it } from "vitest";
import { actionPolicyOf } from "./action-policy.ts";

describe("what a tool declares of its actions", () => {
  it("counts as high, external and irreversible when it declares nothing", () => {
    expect(actionPolicyOf({ name: "t" })).toMatchObject({
      isExternal: true,
      risk: "high",
      isReversible: false,
      onInFlight: "ask",
      approval: { when: undefined },
    });
  });

  it.each([
    [{ risk: "safe" as const }, false],
    [{ traits: { mutates: false } }, false],
    [{ risk: "low" as const }, true],
    [{ risk: "safe" as const, checkpoint: true }, true],
    [{ checkpoint: false }, false],
  ])("%j is external: %j", (declared, isExternal) => {
    expect(actionPolicyOf({ name: "t", ...declared }).isExternal).toBe(isExternal);
  });

  it.each([
    [{}, false],
    [{ risk: "high" as const }, false],
    [{ risk: "low" as const, traits: { mutates: true } }, false],
    [{ risk: "low" as const, reversible: false }, false],
    [{ risk: "medium" as const }, true],
    [{ traits: { mutates: false } }, true],
  ])("%j may be tried again by itself: %j", (declared, isRepeatable) => {
    expect(actionPolicyOf({ name: "t", ...declared }).isRepeatable).toBe(isRepeatable);
  });

  it("is refused when silence would let something happen that can't be undone", () => {
    const approval = { onTimeout: "approve" as const };
    expect(() => actionPolicyOf({ name: "wire", approval })).toThrow('"wire" would be approved');
    expect(() => actionPolicyOf({ name: "wire", approval, reversible: false })).toThrow("can't be undone");
    expect(actionPolicyOf({ name: "draft", approval, reversible: true }).approval).toMatchObject({
      when: "ask",
      onTimeout: "approve",
    });
  });
});
