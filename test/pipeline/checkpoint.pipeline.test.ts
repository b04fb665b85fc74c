import {
  BudgetExceededError,
  resumableRuns,
  type Run,
  RunKilledError,
  RunPausedError,
  supervise,
} from "@plumbline/instrumentation";
import type { ApprovalRequest } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serveAgents } from "./support/serve-agents.ts";

const server = await serveAgents({ maxStateBytes: 10_000 });

const call = (name: string, args: object, id = "call_1") => ({
  id,
  function: { name, arguments: JSON.stringify(args) },
});

interface Performed {
  keys: string[];
  inputs: unknown[];
}

/** A tool that counts, so that a second action would show. */
function addPay(run: Run, performed: Performed, execute: () => unknown = () => ({ ok: true })): void {
  run.tool({
    name: "pay",
    parameters: z.object({ order: z.number() }),
    execute(input, { idempotencyKey }) {
      performed.keys.push(idempotencyKey);
      performed.inputs.push(input);
      return execute();
    },
  });
}

const nothingPerformed = (): Performed => ({ keys: [], inputs: [] });
const contents = (answers: readonly { content: string }[]): string[] => answers.map(({ content }) => content);

describe("a run that failed", () => {
  it("goes on elsewhere with its state, goal, limits and what it has used up", async () => {
    const options = { name: "payer", goal: "Pay two orders", runId: "ck-state", budget: { toolCalls: 2 } };
    const performed = nothingPerformed();
    await expect(
      supervise(options, async (run) => {
        addPay(run, performed);
        await run.execute([call("pay", { order: 1 })]);
        await run.checkpoint({ paid: [1] }, "first order paid");
        throw new Error("the network is gone");
      }),
    ).rejects.toThrow("the network is gone");
    expect(await resumableRuns()).toContainEqual(
      expect.objectContaining({
        runId: "ck-state",
        agentName: "payer",
        goal: "Pay two orders",
        status: "stopped",
      }),
    );
    await expect(
      supervise({ name: "payer", resume: "ck-state" }, async (run) => {
        expect([run.id, run.goal, run.state]).toEqual(["ck-state", "Pay two orders", { paid: [1] }]);
        expect(run.inFlight()).toEqual([]);
        addPay(run, performed);
        await run.execute([call("pay", { order: 2 })]);
        await run.execute([call("pay", { order: 3 })]);
      }),
    ).rejects.toThrow(BudgetExceededError);
    expect(performed.inputs).toEqual([{ order: 1 }, { order: 2 }]);
  });

  it("does nothing twice that was done since the last saved state", async () => {
    const performed = nothingPerformed();
    const agent = async (run: Run): Promise<string[]> => {
      addPay(run, performed, () => `receipt ${String(performed.keys.length)}`);
      const first = contents(await run.execute([call("pay", { order: 1 })]));
      const again = contents(await run.execute([call("pay", { order: 1 })]));
      return [...first, ...again];
    };
    await expect(
      supervise({ name: "payer", runId: "ck-once" }, async (run) => {
        await agent(run);
        throw new Error("gone");
      }),
    ).rejects.toThrow("gone");
    const answers = await supervise({ name: "payer", resume: "ck-once" }, agent);
    expect(answers).toEqual(["receipt 1", "receipt 2"]);
    expect(new Set(performed.keys).size).toBe(2);
    expect(performed.keys).toHaveLength(2);
  });

  it("arrives at the keys that follow the saved state, not at those of the crash", async () => {
    const performed = nothingPerformed();
    await expect(
      supervise({ name: "payer", runId: "ck-keys" }, async (run) => {
        addPay(run, performed);
        await run.execute([call("pay", { order: 1 })]);
        await run.checkpoint("after one");
        await run.execute([call("pay", { order: 1 })]);
        throw new Error("gone");
      }),
    ).rejects.toThrow("gone");
    await supervise({ name: "payer", resume: "ck-keys" }, async (run) => {
      addPay(run, performed);
      await run.execute([call("pay", { order: 1 })]);
      await run.execute([call("pay", { order: 1 })]);
    });
    expect(performed.keys).toHaveLength(3);
    expect(new Set(performed.keys).size).toBe(3);
  });

  it("tells a failed action again instead of repeating it", async () => {
    const performed = nothingPerformed();
    const agent = async (run: Run): Promise<string[]> => {
      addPay(run, performed, () => {
        throw new Error("card refused");
      });
      return contents(await run.execute([call("pay", { order: 1 })]));
    };
    await expect(
      supervise({ name: "payer", runId: "ck-failed" }, async (run) => {
        await agent(run);
        throw new Error("gone");
      }),
    ).rejects.toThrow("gone");
    const [answer] = await supervise({ name: "payer", resume: "ck-failed" }, agent);
    expect(answer).toContain("card refused");
    expect(performed.keys).toHaveLength(1);
  });
});

describe("an action that nobody knows the end of", () => {
  const hang = () => new Promise<never>(() => undefined);

  /** A run that ends while its payment hangs; the payment is in flight then. */
  async function leaveInFlight(runId: string, performed: Performed): Promise<void> {
    await expect(
      supervise({ name: "payer", runId }, async (run) => {
        run.tool({
          name: "pay",
          parameters: z.object({ order: z.number() }),
          timeoutMs: 20,
          retry: false,
          execute(_, { idempotencyKey }) {
            performed.keys.push(idempotencyKey);
            return hang();
          },
        });
        await run.execute([call("pay", { order: 1 })]);
        throw new Error("gone");
      }),
    ).rejects.toThrow("gone");
  }

  it("is told to the resumed run, and done again under its key when a person says so", async () => {
    const performed = nothingPerformed();
    await leaveInFlight("ck-ask", performed);
    const [key = ""] = performed.keys;
    const asked: unknown[] = [];
    const decide = ({ wasInFlight, defaultDecision }: ApprovalRequest) => {
      asked.push([wasInFlight, defaultDecision]);
      return { decision: "approved" } as const;
    };
    await supervise({ name: "payer", resume: "ck-ask", approvals: { decide } }, async (run) => {
      expect(run.inFlight()).toMatchObject([
        { toolName: "pay", arguments: '{"order":1}', idempotencyKey: key },
      ]);
      addPay(run, performed);
      expect(await run.settleInFlight()).toMatchObject([{ toolName: "pay", result: '{"ok":true}' }]);
      expect(run.inFlight()).toEqual([]);
      expect(contents(await run.execute([call("pay", { order: 1 })]))).toEqual(['{"ok":true}']);
    });
    expect(asked).toEqual([[true, "deny"]]);
    expect(new Set(performed.keys)).toEqual(new Set([key]));
    const phase = () => server.eventsOf("plumbline.checkpoint", "ck-ask").at(-1)?.checkpoint.phase;
    await server.waitFor("the end of the action was told", () => phase() === "action-done");
  });

  it("is left alone when a person says no, and the model reads that nobody knows", async () => {
    const performed = nothingPerformed();
    await leaveInFlight("ck-deny", performed);
    const before = performed.keys.length;
    const decide = () => ({ decision: "denied" }) as const;
    await supervise({ name: "payer", resume: "ck-deny", approvals: { decide } }, async (run) => {
      addPay(run, performed);
      const answers = contents(await run.execute([call("pay", { order: 1 })]));
      expect(answers[0]).toContain("OUTCOME_UNKNOWN");
      expect(run.inFlight()).toEqual([]);
    });
    expect(performed.keys).toHaveLength(before);
  });

  it("is one that was given up on once, even if a later attempt failed for certain", async () => {
    let attempts = 0;
    await expect(
      supervise({ name: "payer", runId: "ck-late" }, async (run) => {
        run.tool({
          name: "pay",
          parameters: z.object({ order: z.number() }),
          timeoutMs: 20,
          retry: { attempts: 2, firstDelayMs: 1 },
          execute() {
            attempts += 1;
            if (attempts === 1) return hang();
            throw new Error("refused");
          },
        });
        await run.execute([call("pay", { order: 1 })]);
        throw new Error("gone");
      }),
    ).rejects.toThrow("gone");
    expect(attempts).toBe(2);
    await supervise({ name: "payer", resume: "ck-late" }, (run) => {
      expect(run.inFlight()).toMatchObject([{ toolName: "pay" }]);
      return Promise.resolve();
    });
  });

  it("stays in flight until someone takes it up, over saved states and further ends", async () => {
    await leaveInFlight("ck-stays", nothingPerformed());
    for (const round of [1, 2]) {
      const again = supervise({ name: "payer", resume: "ck-stays" }, async (run) => {
        expect(run.inFlight()).toHaveLength(1);
        await run.checkpoint({ round });
        throw new Error("gone again");
      });
      await expect(again).rejects.toThrow("gone again");
    }
  });
});

describe("checkpoints at the server", () => {
  it("tell of every external action before and after, of no safe one, and of saved states", async () => {
    await supervise({ name: "payer", runId: "ck-events" }, async (run) => {
      addPay(run, nothingPerformed());
      run.tool({ name: "look", parameters: z.object({}), risk: "safe", execute: () => "there" });
      await run.execute([call("look", {}), call("pay", { order: 1 }, "call_2")]);
      await run.checkpoint({ step: 1 }, "paid");
    });
    await server.waitFor(
      "the checkpoints are there",
      () => server.eventsOf("plumbline.checkpoint", "ck-events").length >= 3,
    );
    const told = server.eventsOf("plumbline.checkpoint", "ck-events").map(({ checkpoint }) => checkpoint);
    expect(told.map(({ phase, toolName, label }) => [phase, toolName, label])).toEqual([
      ["action-started", "pay", ""],
      ["action-done", "pay", ""],
      ["saved", null, "paid"],
    ]);
    expect(told[0]).toMatchObject({ arguments: '{"order":1}', checkpointId: told[1]?.checkpointId });
    expect(told[0]?.stepId).not.toBe("");
  });
});

describe("a state", () => {
  it("that is no JSON or too large is refused, and the run goes on", async () => {
    await supervise({ name: "payer", runId: "ck-bad" }, async (run) => {
      await expect(run.checkpoint(() => 1)).rejects.toMatchObject({ code: "STATE_NOT_JSON" });
      await expect(run.checkpoint("x".repeat(20_000))).rejects.toMatchObject({ code: "STATE_TOO_LARGE" });
      await run.checkpoint({ fine: true });
      expect(run.state).toEqual({ fine: true });
    });
  });
});

describe("a pause", () => {
  it("of a run that is declared to exit leaves it resumable, and a resumed run waits for nobody once it is ended", async () => {
    const performed = nothingPerformed();
    await expect(
      supervise({ name: "payer", runId: "ck-pause", onPause: "exit" }, async (run) => {
        addPay(run, performed);
        await run.checkpoint({ next: 1 });
        server.direct("ck-pause", { desired: "paused", reason: "USER_PAUSED", message: "lunch" });
        await server.waitFor(
          "the pause arrived",
          () => server.eventsOf("plumbline.ack", "ck-pause").length > 0,
        );
        await run.execute([call("pay", { order: 1 })]);
      }),
    ).rejects.toThrow(RunPausedError);
    expect(performed.keys).toEqual([]);
    server.direct("ck-pause", { desired: "running", reason: null, nudges: [{ id: "n-1", text: "go on" }] });
    await supervise({ name: "payer", resume: "ck-pause" }, async (run) => {
      expect(run.state).toEqual({ next: 1 });
      addPay(run, performed);
      await run.execute([call("pay", { order: 1 })]);
    });
    expect(performed.keys).toHaveLength(1);
  });
});

describe("a run", () => {
  it("that begins under an id that an earlier one had is a new one, with keys of its own", async () => {
    const performed = nothingPerformed();
    for (const round of [1, 2, 3]) {
      const once = supervise({ name: "payer", runId: "ck-nightly" }, async (run) => {
        expect(run.state).toBeUndefined();
        addPay(run, performed);
        await run.execute([call("pay", { order: 1 })]);
        await run.checkpoint({ round });
        if (round === 2) throw new Error("gone");
      });
      await (round === 2 ? expect(once).rejects.toThrow("gone") : once);
    }
    expect(performed.keys).toHaveLength(3);
    expect(new Set(performed.keys).size).toBe(3);
  });

  it("that was killed is refused with the reason, and its state is gone", async () => {
    await expect(
      supervise({ name: "payer", runId: "ck-kill" }, async (run) => {
        await run.checkpoint({ secret: true });
        server.direct("ck-kill", { desired: "killed", reason: "USER_KILLED", message: "wrong customer" });
        await new Promise((resolve) => run.signal.addEventListener("abort", resolve));
      }),
    ).rejects.toThrow(RunKilledError);
    await expect(supervise({ name: "payer", resume: "ck-kill" }, () => Promise.resolve())).rejects.toThrow(
      /ck-kill was killed \(USER_KILLED: wrong customer\), and that is final/u,
    );
    expect((await resumableRuns()).map(({ runId }) => runId)).not.toContain("ck-kill");
  });

  it("that was killed while nobody had it does not begin again", async () => {
    await expect(
      supervise({ name: "payer", runId: "ck-away" }, async (run) => {
        await run.checkpoint({ next: 1 });
        throw new Error("gone");
      }),
    ).rejects.toThrow("gone");
    server.direct("ck-away", { desired: "killed", reason: "USER_KILLED", message: "no longer wanted" });
    let began = false;
    const resumed = supervise({ name: "payer", resume: "ck-away" }, () => {
      began = true;
      return Promise.resolve();
    });
    await expect(resumed).rejects.toThrow(RunKilledError);
    expect(began).toBe(false);
    // Refused from then on by this machine alone.
    await expect(
      supervise({ name: "payer", resume: "ck-away" }, () => Promise.resolve()),
    ).rejects.toMatchObject({
      code: "RUN_KILLED",
    });
  });

  it("that is complete, unknown or under way can't be resumed, and the error says which", async () => {
    await supervise({ name: "payer", runId: "ck-done" }, (run) => run.checkpoint(1));
    const resume = (runId: string) => supervise({ name: "payer", resume: runId }, () => Promise.resolve());
    await expect(resume("ck-done")).rejects.toMatchObject({ code: "RUN_COMPLETED" });
    await expect(resume("ck-nobody")).rejects.toMatchObject({ code: "RUN_UNKNOWN" });
    await supervise({ name: "payer", runId: "ck-live" }, async (run) => {
      await run.checkpoint(1);
      await expect(resume("ck-live")).rejects.toMatchObject({ code: "RUN_IN_USE" });
    });
  });
});
