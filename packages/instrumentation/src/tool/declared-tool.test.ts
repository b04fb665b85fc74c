import { describe, expect, it } from "vitest";
import { type DeclaredTools, toolPolicies } from "./declared-tool.ts";

const outage = Object.assign(new Error("down"), { status: 503 });
const policyOf = (declared: DeclaredTools, name = "t") => toolPolicies(declared)(name);

describe("a tool of a framework that nobody declares", () => {
  it("is called once, takes its time, is cut nowhere, and is high in risk for whoever asks about risks", () => {
    expect(policyOf({})).toMatchObject({
      traits: {},
      timeoutMs: Infinity,
      longestResult: undefined,
      onInFlight: undefined,
      action: { risk: "high", isReversible: false, isExternal: true, approval: { when: undefined } },
      resilience: { attempts: 1, breaker: { failures: 3 } },
    });
  });

  it("has a breaker that outages open, and nothing else that it throws for the model to read", () => {
    const { classify } = policyOf({}).resilience;
    expect(classify(outage)).toBe("transient");
    expect(classify(new Error("2 tests failed"))).toBeUndefined();
  });
});

describe("what is declared of a framework's tool", () => {
  it("holds for the tool of that name alone", () => {
    const declared: DeclaredTools = { t: { risk: "low", mutates: true, retry: {}, timeoutMs: 5 } };
    expect(policyOf(declared)).toMatchObject({
      traits: { risk: "low", mutates: true },
      timeoutMs: 5,
      resilience: { attempts: 3 },
      action: { risk: "low" },
    });
    expect(policyOf(declared, "u")).toMatchObject({ traits: {}, timeoutMs: Infinity });
  });

  it("makes a declared breaker count every failure", () => {
    expect(policyOf({ t: { breaker: {} } }).resilience.classify(new Error("E17"))).toBe("fatal");
    expect(policyOf({ t: { breaker: false } }).resilience.breaker).toBeNull();
  });

  it.each([
    [{ risk: "hgih" }, "risk"],
    [{ aproval: "ask" }, "aproval"],
    [{ retry: { attempts: 0 } }, "attempts"],
    [{ onInFlight: "again" }, "onInFlight"],
  ])("is refused with the tool and the option where it can't be meant: %j", (declared, option) => {
    const refused = () => toolPolicies({ refund: declared as never });
    expect(refused).toThrow('The tool "refund" can\'t be declared so');
    expect(refused).toThrow(option);
  });

  it("is refused when silence would let something happen that can't be undone", () => {
    expect(() => toolPolicies({ refund: { approval: { onTimeout: "approve" } } })).toThrow(
      '"refund" would be approved',
    );
  });
});
