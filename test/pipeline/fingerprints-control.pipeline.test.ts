import { expect, it } from "vitest";
import { repetitions, runLoopingAgent } from "./support/looping-agent.ts";

it("an agent that sends fingerprints only is paused in its loop", { timeout: 120_000 }, async () => {
  const { error, calls } = await runLoopingAgent(["analyzer", "collector"], {
    content: "fingerprints",
  });
  expect(error).toBe("RunPausedError");
  expect(calls).toBeLessThan(repetitions);
});
