import type { Limits } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { emptyTally, type GuardView, type ProposedCall, type Tally } from "../guard.ts";
import { budgetGuard } from "./budget-guard.ts";

const model: ProposedCall = { kind: "model", model: "m", provider: "p", inputTokens: 100 };
const tool: ProposedCall = { kind: "tool", toolName: "t" };

function view(limits: Limits, tally: Partial<Tally> = {}, nowMs = 0): GuardView {
  return {
    runId: "r",
    limits,
    softLimit: 0.8,
    tally: { ...emptyTally(0), ...tally },
    nowMs,
    priceOf: (_, usage) => usage.inputTokens / 1000 + usage.outputTokens / 100,
  };
}

const limitHit = (guarded: GuardView, call: ProposedCall): string | undefined => {
  const verdict = budgetGuard.beforeCall(guarded, call);
  return verdict.verdict === "deny" && "limit" in verdict.error ? String(verdict.error.limit) : undefined;
};

describe("the budget guard", () => {
  it("allows everything without limits", () => {
    expect(limitHit(view({}, { steps: 1e6, usd: 1e6 }), model)).toBeUndefined();
  });

  it.each([
    ["steps", { steps: 2 }, { steps: 2 }, tool],
    ["modelCalls", { modelCalls: 1 }, { modelCalls: 1 }, model],
    ["toolCalls", { toolCalls: 1 }, { toolCalls: 1 }, tool],
    ["inputTokens", { inputTokens: 150 }, { inputTokens: 51 }, model],
    ["outputTokens", { outputTokens: 10 }, { outputTokens: 10 }, model],
    ["usd", { usd: 0.15 }, { usd: 0.06 }, model],
  ] as const)("denies the call that would break the limit on %s", (...[limit, limits, tally, call]) => {
    expect(limitHit(view(limits, tally), call)).toBe(limit);
  });

  it.each([
    [{ steps: 2 }, { steps: 1 }, tool],
    [{ modelCalls: 1 }, { modelCalls: 1 }, tool],
    [{ toolCalls: 1 }, { toolCalls: 1 }, model],
    [{ inputTokens: 150 }, { inputTokens: 50 }, model],
    [{ usd: 0.35 }, { usd: 0.25 }, model],
  ] as const)("allows the call that just fits %j after %j", (limits, tally, call) => {
    expect(limitHit(view(limits, tally), call)).toBeUndefined();
  });

  it("denies once the wall time is over", () => {
    expect(limitHit(view({ wallTimeMs: 1000 }, {}, 1000), tool)).toBeUndefined();
    expect(limitHit(view({ wallTimeMs: 1000 }, {}, 1001), tool)).toBe("wallTimeMs");
  });

  it("names the first limit to trip, the call and both amounts", () => {
    const verdict = budgetGuard.beforeCall(view({ steps: 0, toolCalls: 0 }), tool);
    expect(verdict).toMatchObject({
      verdict: "deny",
      error: { limit: "steps", why: "a call of t would make it 1 steps; the limit is 0 steps" },
    });
  });

  it("projects the most that the request allows the model to answer", () => {
    const bounded: ProposedCall = { ...model, maxOutputTokens: 50 };
    expect(limitHit(view({ outputTokens: 60 }, { outputTokens: 11 }), bounded)).toBe("outputTokens");
    expect(limitHit(view({ outputTokens: 61 }, { outputTokens: 11 }), bounded)).toBeUndefined();
    expect(limitHit(view({ usd: 0.59 }), bounded)).toBe("usd");
    expect(limitHit(view({ usd: 0.61 }), bounded)).toBeUndefined();
  });

  it("counts what calls under way may still use up", () => {
    const reserved = { inputTokens: 100, outputTokens: 40, usd: 0.5 };
    expect(limitHit(view({ inputTokens: 199 }, { reserved }), model)).toBe("inputTokens");
    expect(limitHit(view({ outputTokens: 40 }, { reserved }), model)).toBe("outputTokens");
    expect(limitHit(view({ usd: 0.55 }, { reserved }), model)).toBe("usd");
  });

  it("gives notice from the soft limit on, with how much is used", () => {
    const notices = (steps: number) => budgetGuard.noticesBefore(view({ steps: 10 }, { steps }), tool);
    expect(notices(6)).toEqual([]);
    expect(notices(7)).toMatchObject([{ kind: "budget", signature: "steps 10 steps" }]);
    expect(notices(8)[0]?.nudge).toContain("90 % of the limit of 10 steps is used");
    expect(budgetGuard.noticesBefore({ ...view({ steps: 1 }), softLimit: null }, tool)).toEqual([]);
  });
});
