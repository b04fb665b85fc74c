import { describe, expect, it } from "vitest";
import { repetitions, runLoopingAgent } from "./support/looping-agent.ts";

describe("without local guards", () => {
  it("the server alone holds an agent that repeats itself", async () => {
    const outcome = await runLoopingAgent(["analyzer", "collector"]);
    expect(outcome.error).toBe("RunPausedError");
    expect(outcome.calls).toBeLessThan(repetitions);
  });
});
