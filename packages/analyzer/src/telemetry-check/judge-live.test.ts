import { describe, expect, it } from "vitest";
import { judgeLive } from "./judge-live.ts";

const whole = {
  service: "shop",
  agent: "finder",
  runs: "3",
  unnamedRuns: "0",
  modelCalls: "9",
  toolCalls: "6",
  bareModelCalls: "0",
  bareToolCalls: "0",
  uncountedModelCalls: "0",
  estimatedModelCalls: "0",
  syntheticToolCalls: "0",
  gatedRuns: "3",
  bypasses: "0",
  fullSpans: "0",
  dialects: ["plumbline"],
};
const lacksOf = (change: Partial<Record<keyof typeof whole, string | string[]>>) =>
  judgeLive([{ ...whole, ...change }]).flatMap(({ lacks }) => lacks);

describe("what an agent's last minutes lack", () => {
  it("is nothing where all is there", () => {
    expect(lacksOf({})).toEqual([]);
  });

  it.each([
    ["bareToolCalls", "content", "2 of 15 calls carry neither input nor output"],
    ["uncountedModelCalls", "tokens", "2 of 9 model calls carry no token counts"],
    ["estimatedModelCalls", "tokens", "2 of 9 model calls have estimated token counts"],
    ["syntheticToolCalls", "tool-spans", "2 of 6 tool calls have no span; they are known only from messages"],
    ["unnamedRuns", "conversation", "2 of 3 runs carry no conversation id"],
    ["bypasses", "bypass", "2 of 9 model calls are of gated runs and passed no gate"],
  ] as const)("counts %s", (field, lack, seen) => {
    expect(lacksOf({ [field]: "2" })).toMatchObject([{ lack, seen }]);
  });

  it("names the setting of the stack that was heard", () => {
    const [gate] = lacksOf({ gatedRuns: "0", dialects: ["vercel-ai"] });
    expect(gate?.mend).toContain("registerTelemetry(plumbline())");
    expect(lacksOf({ gatedRuns: "0", dialects: ["mastra"] })[0]?.mend).toContain("supervise()");
    expect(lacksOf({ syntheticToolCalls: "2" })[0]?.mend).toContain("the adapter of their framework");
  });

  it("refuses figures that are none", () => {
    expect(() => lacksOf({ runs: "many" })).toThrow(/runs/u);
  });
});
