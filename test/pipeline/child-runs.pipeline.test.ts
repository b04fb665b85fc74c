import { configurePlumbline, resumableRuns, type Run, shutdown, supervise } from "@plumbline/instrumentation";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";

const directory = mkdtempSync(join(tmpdir(), "plumbline-children-"));

interface Payment {
  order: number;
  key: string;
  runId: string;
}
const payments: Payment[] = [];

beforeAll(() =>
  configurePlumbline({
    endpoint: "http://127.0.0.1:1",
    controlEndpoint: "off",
    dataDirectory: directory,
    guards: "off",
  }),
);
beforeEach(() => {
  payments.length = 0;
});
afterAll(async () => {
  await shutdown(1);
  rmSync(directory, { recursive: true, force: true });
});

async function pay(run: Run, order: number): Promise<string> {
  run.tool({
    name: "pay",
    parameters: z.object({ order: z.number() }),
    execute(input, { idempotencyKey: key, runId }) {
      payments.push({ ...input, key, runId });
      return `paid ${String(input.order)}`;
    },
  });
  const [answer] = await run.execute([
    { id: "c", function: { name: "pay", arguments: `{"order":${String(order)}}` } },
  ]);
  return answer?.content ?? "";
}

const payer = { name: "payer", goal: "pay what is owed" };
/** A sub-agent that pays, without an id of its own. */
const payAll = (...orders: number[]): Promise<string[]> =>
  supervise(payer, async (run) => {
    const answers: string[] = [];
    for (const order of orders) answers.push(await pay(run, order));
    return answers;
  });

const crashed = (): never => {
  throw new Error("the process died");
};

/** A supervisor that dies, and its next life. */
async function twice(
  runId: string,
  lives: { first: (run: Run) => Promise<unknown>; second: (run: Run) => Promise<unknown> },
): Promise<unknown> {
  await expect(supervise({ name: "boss", runId }, lives.first)).rejects.toThrow("died");
  return supervise({ name: "boss", resume: runId }, lives.second);
}

describe("a child run without an id of its own", () => {
  it("that was done when its supervisor died is gone through again without acting again", async () => {
    const answers = await twice("b-done", {
      first: async () => {
        await payAll(1, 2);
        crashed();
      },
      second: () => payAll(1, 2),
    });
    expect(answers).toEqual(["paid 1", "paid 2"]);
    expect(payments.map(({ order }) => order)).toEqual([1, 2]);
  });

  it("that died with its supervisor goes on where it was, under its id and its keys", async () => {
    const seen: string[] = [];
    const child = (dies: boolean) =>
      supervise(payer, async (run) => {
        seen.push(run.id);
        await pay(run, 1);
        if (dies) crashed();
        return pay(run, 2);
      });
    await twice("b-died", { first: () => child(true), second: () => child(false) });
    expect(payments.map(({ order }) => order)).toEqual([1, 2]);
    expect(new Set(seen).size).toBe(1);
    expect(new Set(payments.map(({ runId }) => runId))).toEqual(new Set(seen));
  });

  it("that kept a state is not paid twice either, once it was done", async () => {
    const child = () =>
      supervise(payer, async (run) => {
        await pay(run, 1);
        await run.checkpoint({ paid: 1 });
        await pay(run, 2);
      });
    await twice("b-state", {
      first: async () => {
        await child();
        crashed();
      },
      second: child,
    });
    expect(payments.map(({ order }) => order)).toEqual([1, 2]);
  });

  it("is told from others of the same name and goal by its turn", async () => {
    const both = () => Promise.all([payAll(1), payAll(1)]);
    await twice("b-twins", {
      first: async () => {
        await both();
        crashed();
      },
      second: both,
    });
    expect(payments).toHaveLength(2);
    expect(new Set(payments.map(({ runId }) => runId)).size).toBe(2);
    expect(new Set(payments.map(({ key }) => key)).size).toBe(2);
  });

  it("is another one once its supervisor's saved state holds what the first brought", async () => {
    await twice("b-saved", {
      first: async (run) => {
        await payAll(1);
        await run.checkpoint({ rounds: 1 });
        crashed();
      },
      second: () => payAll(1),
    });
    expect(payments).toHaveLength(2);
    expect(new Set(payments.map(({ key }) => key)).size).toBe(2);
  });

  it("is found by its own children too", async () => {
    const middle = (dies: boolean) =>
      supervise({ name: "middle" }, async () => {
        const answers = await payAll(1);
        if (dies) crashed();
        return answers;
      });
    expect(await twice("b-deep", { first: () => middle(true), second: () => middle(false) })).toEqual([
      "paid 1",
    ]);
    expect(payments).toHaveLength(1);
  });

  it("is a new one when its supervisor begins anew under its id", async () => {
    for (let life = 0; life < 2; life += 1)
      await supervise({ name: "boss", runId: "b-anew" }, async () => payAll(1));
    expect(payments).toHaveLength(2);
    expect(new Set(payments.map(({ key }) => key)).size).toBe(2);
  });

  it("is taken up by its supervisor, not by whoever looks for runs to resume", async () => {
    const dying = supervise({ name: "boss", runId: "b-listed" }, () =>
      supervise(payer, async (run) => {
        await pay(run, 1);
        crashed();
      }),
    );
    await expect(dying).rejects.toThrow("died");
    const listed = (await resumableRuns()).map(({ runId }) => runId);
    expect(listed).toContain("b-listed");
    expect(listed).not.toContain(payments[0]?.runId);
  });
});
