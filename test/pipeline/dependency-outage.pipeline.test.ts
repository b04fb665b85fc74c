import { expect, it } from "vitest";
import { runOutage } from "../../bench/support/outage.ts";

it("a dependency that is down gets three requests of each agent process, and every retry of agents without a breaker", async () => {
  const [processes, turns] = [3, 4];
  const supervised = await runOutage({ variant: "supervised", processes, turns });
  expect(supervised).toEqual({ requests: processes * 3, mostOfOne: 3 });
  const bare = await runOutage({ variant: "bare", processes: 1, turns });
  expect(bare.requests).toBe(turns * 3);
});
