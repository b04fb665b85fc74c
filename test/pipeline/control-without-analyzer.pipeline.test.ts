import { describe, expect, it } from "vitest";
import { repetitions, runLoopingAgent } from "./support/looping-agent.ts";

describe("without an analyzer", () => {
  it("nothing is held: the agent repeats itself until it gives up", async () => {
    expect(await runLoopingAgent(["collector"])).toEqual({ error: null, calls: repetitions });
  });
});
