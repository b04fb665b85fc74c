import {
  announceRun,
  IllegalPhaseError,
  NotDoneError,
  RunKilledError,
  supervise,
} from "@plumbline/instrumentation";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serveAgents } from "./support/serve-agents.ts";

const server = await serveAgents({ heartbeatMs: 100 });

const ended = (runId: string) =>
  server.waitFor(`${runId} ended`, () => server.eventsOf("plumbline.run.end", runId).length === 1);
const movesOf = (runId: string) =>
  server
    .eventsOf("plumbline.run.state", runId)
    .filter(({ from, to }) => from !== to)
    .map(({ from, to }) => `${from} → ${to}`);
const look = { parameters: z.object({}), execute: () => "seen" };
const callOf = (name: string, id = "c1") => ({ id, function: { name, arguments: "{}" } });

describe("a run that is announced", () => {
  it("is queued until it starts, and its wall time counts from there", async () => {
    const queued = announceRun({ name: "agent", goal: "later", runId: "q-1", budget: { wallTimeMs: 5000 } });
    await server.waitFor(
      "the announcement came",
      () => server.eventsOf("plumbline.run.start", "q-1").length === 1,
    );
    expect(server.eventsOf("plumbline.run.start", "q-1")[0]).toMatchObject({ queued: true, goal: "later" });
    expect(queued.status).toBe("queued");
    expect(await queued.start(async (run) => run.status)).toBe("running");
    await ended("q-1");
    expect(movesOf("q-1")).toEqual(["queued → running", "running → completed"]);
    await expect(queued.start(async () => undefined)).rejects.toThrow("can't go from completed to running");
  });

  it("ends at once when it is killed before it starts, and never runs", async () => {
    const queued = announceRun({ name: "agent", runId: "q-2" });
    server.direct("q-2", { desired: "killed", reason: "USER_KILLED", message: "not needed" });
    await ended("q-2");
    let ran = false;
    const started = queued.start(async () => {
      ran = true;
    });
    await expect(started).rejects.toBeInstanceOf(RunKilledError);
    expect(ran).toBe(false);
    expect(movesOf("q-2")).toEqual(["queued → stopping", "stopping → killed"]);
  });

  it("can be withdrawn, once", async () => {
    const queued = announceRun({ name: "agent", runId: "q-3" });
    queued.withdraw("the order was cancelled");
    expect(() => queued.withdraw()).toThrow("can't go from killed to queued");
    await ended("q-3");
    expect(server.eventsOf("plumbline.run.end", "q-3")[0]).toMatchObject({
      status: "killed",
      message: "the order was cancelled",
    });
  });
});

describe("a run that is held", () => {
  it("is paused, says why and what to do next, and runs again when it is resumed", async () => {
    const runId = "h-1";
    const done = supervise({ name: "agent", runId }, async (run) => {
      run.tool({ name: "look", ...look });
      await run.execute([callOf("look")]);
      server.direct(runId, { desired: "paused", reason: "LOOP_DETECTED", message: "again and again" });
      await server.waitFor("the pause arrived", () => server.eventsOf("plumbline.ack", runId).length > 0);
      await run.execute([callOf("look", "c2")]);
      return run.status;
    });
    await server.waitFor("it is paused", () => movesOf(runId).includes("running → paused"));
    expect(server.eventsOf("plumbline.run.state", runId)[0]).toMatchObject({
      to: "paused",
      stopReason: "LOOP_DETECTED",
      message: "again and again",
      nextCommand: `plumbline resume ${runId} --say '…'`,
    });
    server.direct(runId, { desired: "running", reason: null, message: "go on" });
    expect(await done).toBe("running");
    await ended(runId);
    expect(movesOf(runId)).toEqual(["running → paused", "paused → running", "running → completed"]);
  });

  it("is stopping between the kill and its end", async () => {
    const runId = "h-2";
    const run = supervise({ name: "agent", runId }, async ({ signal }) => {
      server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "enough" });
      await new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason as Error)),
      );
    });
    await expect(run).rejects.toBeInstanceOf(RunKilledError);
    await ended(runId);
    expect(movesOf(runId)).toEqual(["running → stopping", "stopping → killed"]);
  });
});

describe("a sub-agent", () => {
  /** A supervisor whose child calls one tool again and again. */
  const supervisor = (runId: string, onCall: (count: number) => unknown) =>
    supervise({ name: "supervisor", runId }, () =>
      supervise({ name: "worker", runId: `${runId}.child`, goal: "its own goal" }, async (run) => {
        let count = 0;
        run.tool({
          name: "look",
          parameters: z.object({}),
          traits: { polls: true },
          execute: () => onCall((count += 1)),
        });
        for (let turn = 0; turn < 4; turn += 1) await run.execute([callOf("look", `c${String(turn)}`)]);
        return run.status;
      }),
    );

  it("is killed with the run above it, in a call under way too", async () => {
    const runId = "s-kill";
    const run = supervisor(runId, () => {
      server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "all of it" });
      return new Promise(() => undefined);
    });
    await expect(run).rejects.toThrow("all of it");
    await ended(`${runId}.child`);
    for (const one of [runId, `${runId}.child`])
      expect(server.eventsOf("plumbline.run.end", one)[0]).toMatchObject({ status: "killed" });
    expect(server.eventsOf("plumbline.run.start", `${runId}.child`)[0]).toMatchObject({
      parentRunId: runId,
      goal: "its own goal",
    });
  });

  it("is paused with the run above it, and goes on with it", async () => {
    const runId = "s-pause";
    const seen: number[] = [];
    const run = supervisor(runId, async (count) => {
      seen.push(count);
      if (count === 2) {
        server.direct(runId, { desired: "paused", reason: "USER_PAUSED", message: "" });
        await server.waitFor("the pause arrived", () => server.eventsOf("plumbline.ack", runId).length > 0);
      }
      return count;
    });
    await server.waitFor("the child is paused", () => movesOf(`${runId}.child`).includes("running → paused"));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(seen).toEqual([1, 2]);
    server.direct(runId, { desired: "running", reason: null, message: "" });
    expect(await run).toBe("running");
    expect(seen).toEqual([1, 2, 3, 4]);
  });
});

describe("the phases of an agent", () => {
  const phases = { plan: ["act"], act: ["verify"], verify: ["act"] };

  it("are reported, and one that the graph does not lead to throws and is a finding", async () => {
    const seen = await supervise({ name: "agent", runId: "p-1", phases }, async (run) => {
      const before = run.currentPhase;
      expect(() => run.phase("verify")).toThrow(IllegalPhaseError);
      run.phase("act");
      return [before, run.currentPhase];
    });
    expect(seen).toEqual(["plan", "act"]);
    await ended("p-1");
    expect(server.eventsOf("plumbline.run.state", "p-1").map(({ phase, to }) => [to, phase])).toEqual([
      ["running", "act"],
      ["completed", "act"],
    ]);
    expect(server.eventsOf("plumbline.guard.finding", "p-1")).toMatchObject([
      { kind: "invalid-call", signature: "plan → verify", revision: 0 },
    ]);
  });

  it("are refused when one leads to no phase", async () => {
    await expect(supervise({ name: "agent", phases: { plan: ["act"] } }, async () => 1)).rejects.toThrow(
      'phase "plan" leads to "act", which is no phase',
    );
  });

  it("reach the model as text when a tool enters one wrongly", async () => {
    const answers = await supervise({ name: "agent", phases }, async (run) => {
      run.tool({ name: "verify", parameters: z.object({}), execute: () => run.phase("verify") });
      return run.execute([callOf("verify")]);
    });
    expect(answers[0]?.content).toContain('can\'t change from "plan" to "verify". From here: act.');
  });
});

describe("a run that says it is done", () => {
  const doneWhen = (output: string) => (output.includes("42") ? true : "the answer names no number");

  it("has completed when its check says so", async () => {
    expect(await supervise({ name: "agent", runId: "d-1", doneWhen }, async () => "it is 42")).toBe(
      "it is 42",
    );
  });

  it("has failed with HIDDEN_FAILURE when its check does not, and is a finding", async () => {
    const runId = "d-2";
    await expect(supervise({ name: "agent", runId, doneWhen }, async () => "done!")).rejects.toBeInstanceOf(
      NotDoneError,
    );
    await ended(runId);
    expect(server.eventsOf("plumbline.run.end", runId)[0]).toMatchObject({
      status: "failed",
      stopReason: "HIDDEN_FAILURE",
    });
    expect(server.eventsOf("plumbline.guard.finding", runId)).toMatchObject([{ kind: "hidden-failure" }]);
  });

  it("can ask before it ends and tell the model what is missing", async () => {
    const output = await supervise({ name: "agent", doneWhen }, async (run) => {
      const verdict = await run.checkDone("done!");
      return verdict.done ? "too early" : `${verdict.problem}: 42`;
    });
    expect(output).toBe("the answer names no number: 42");
  });

  it("has failed when the check itself fails", async () => {
    const broken = (): boolean => {
      throw new Error("no database");
    };
    await expect(supervise({ name: "agent", doneWhen: broken }, async () => 1)).rejects.toThrow(
      "no database",
    );
  });
});
