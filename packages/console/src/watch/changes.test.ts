import type { WatchEvent } from "@plumbline/contracts";
import { createManualClock, modelStep } from "@plumbline/contracts/testing";
import type { RunQueries } from "@plumbline/store";
import { describe, expect, it } from "vitest";
import { watchChanges } from "./changes.ts";

type Step = ReturnType<typeof modelStep>;

/** Queries over steps that a test changes; nothing else is there. */
function queriesOver(state: { steps: Step[] }): RunQueries {
  const none = (): Promise<never[]> => Promise.resolve([]);
  return {
    listRuns: none,
    findRuns: none,
    steps: () => Promise.resolve(state.steps),
    scores: none,
    findings: none,
    commands: none,
    findingsSince: none,
    findFindings: none,
    findApprovals: none,
    checkpoints: none,
    incidents: none,
    findIncident: () => Promise.resolve(undefined),
    precision: () => Promise.resolve({}),
    stepP95Ms: () => Promise.resolve(null),
  };
}

describe("watchChanges", () => {
  it("tells a step once, again when it is revised, and ends when nobody watches any more", async () => {
    const state = { steps: [modelStep(1, "a")] };
    const clock = createManualClock();
    const watching = new AbortController();
    const told: WatchEvent[] = [];
    const ended = (async () => {
      const options = { queries: queriesOver(state), clock, tenantId: "", runId: "run-1", intervalMs: 100 };
      for await (const event of watchChanges({ ...options, signal: watching.signal })) told.push(event);
    })();
    const look = async (): Promise<number> => {
      await new Promise((resolve) => setImmediate(resolve));
      await clock.advance(100);
      return told.length;
    };
    expect(await look()).toBe(1);
    expect(await look()).toBe(1);
    state.steps = [modelStep(1, "a", { revision: 1 }), modelStep(2, "b")];
    await look();
    expect(await look()).toBe(3);
    watching.abort(new Error("Gone."));
    await ended;
  });
});
