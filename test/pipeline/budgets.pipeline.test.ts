import { BudgetExceededError, type Run, runStoppedIn, supervise } from "@plumbline/instrumentation";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serveAgents, serveModel } from "./support/serve-agents.ts";

const server = await serveAgents();
const { model, openai } = await serveModel(() => ({ text: "half of the report" }), { maxRetries: 0 });

const ask = (more: object = {}) =>
  openai.chat.completions.create({
    model: "gpt-5-mini",
    messages: [{ role: "user", content: "Write the report." }],
    ...more,
  });
const withTool = (run: Run, execute: () => unknown = () => "ok") =>
  run.tool({ name: "look", parameters: z.object({}), execute });
const calls = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `c${String(index)}`,
    function: { name: "look", arguments: "{}" },
  }));
const stopOf = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (thrown: unknown) => runStoppedIn(thrown),
  );

describe("a hard limit", () => {
  it("holds for calls made at once: the one that would break it is not made", async () => {
    let performed = 0;
    const stopped = await stopOf(
      supervise({ name: "agent", budget: { toolCalls: 3 } }, (run) => {
        withTool(run, async () => {
          performed += 1;
          await new Promise((resolve) => setTimeout(resolve, 20));
        });
        return run.execute(calls(8));
      }),
    );
    expect(stopped).toMatchObject({ reason: "BUDGET_EXCEEDED", limit: "toolCalls" });
    expect(performed).toBe(3);
  });

  it("on money is projected from the request: estimate of the prompt and the most it may answer", async () => {
    const before = model.requests.length;
    const stopped = await stopOf(
      supervise({ name: "agent", budget: { usd: 0.001 } }, async () => {
        await ask({ max_completion_tokens: 100 });
        await ask({ max_completion_tokens: 100_000 });
      }),
    );
    expect(stopped).toMatchObject({ reason: "BUDGET_EXCEEDED", limit: "usd" });
    expect(model.requests.length - before).toBe(1);
  });

  it("on output tokens counts what calls under way may still answer", async () => {
    const before = model.requests.length;
    const stopped = await stopOf(
      supervise({ name: "agent", budget: { outputTokens: 250 } }, () =>
        Promise.all([1, 2, 3].map(() => ask({ max_completion_tokens: 100 }))),
      ),
    );
    expect(stopped).toMatchObject({ limit: "outputTokens" });
    expect(model.requests.length - before).toBeLessThanOrEqual(2);
  });

  it("gives back what a call reserved and did not use", async () => {
    const turns = supervise({ name: "agent", budget: { outputTokens: 250 } }, async () => {
      for (let turn = 0; turn < 4; turn += 1) await ask({ max_completion_tokens: 200 });
      return "four turns";
    });
    expect(await turns).toBe("four turns");
  });

  it("of a parent holds for its children together", async () => {
    let performed = 0;
    const stopped = await stopOf(
      supervise({ name: "supervisor", budget: { steps: 4 } }, async () => {
        for (const name of ["researcher", "writer"])
          await supervise({ name, budget: { steps: 3 } }, async (run) => {
            withTool(run, () => (performed += 1));
            await run.execute(calls(3));
          });
      }),
    );
    expect(stopped).toBeInstanceOf(BudgetExceededError);
    expect(stopped).toMatchObject({ limit: "steps" });
    expect(performed).toBe(4);
  });

  it("keeps what there was to show, on the error and in the run's end", async () => {
    const stopped = await stopOf(
      supervise({ name: "agent", runId: "b-partial", budget: { modelCalls: 1 } }, async () => {
        await ask();
        await ask();
      }),
    );
    expect(stopped?.partialOutput).toBe("half of the report");
    await server.waitFor("it ended", () => server.eventsOf("plumbline.run.end", "b-partial").length === 1);
    expect(server.eventsOf("plumbline.run.end", "b-partial")[0]?.output).toBe("half of the report");
    const kept = await stopOf(
      supervise({ name: "agent", budget: { toolCalls: 0 } }, (run) => {
        run.keepOutput({ rows: 2 });
        withTool(run);
        return run.execute(calls(1));
      }),
    );
    expect(kept?.partialOutput).toBe('{"rows":2}');
  });
});

describe("a soft limit", () => {
  it("tells the agent once in the conversation, and people by a finding", async () => {
    const runId = "b-soft";
    const before = model.requests.length;
    await supervise({ name: "agent", runId, budget: { modelCalls: 4 } }, async () => {
      for (let turn = 0; turn < 4; turn += 1) await ask();
    });
    const nudged = model.requests
      .slice(before)
      .map(({ messages }) => messages.filter(({ text }) => text.includes("Finish the most important")));
    expect(nudged.map((messages) => messages.length)).toEqual([0, 0, 0, 1]);
    await server.waitFor(
      "the finding came",
      () => server.eventsOf("plumbline.guard.finding", runId).length === 1,
    );
    expect(server.eventsOf("plumbline.guard.finding", runId)[0]).toMatchObject({
      kind: "budget",
      intervention: "nudge",
    });
  });

  it("can be set lower, or off", async () => {
    const nudges = async (softLimit: number | null) => {
      const before = model.requests.length;
      await supervise({ name: "agent", softLimit, budget: { modelCalls: 4 } }, async () => {
        for (let turn = 0; turn < 2; turn += 1) await ask();
      });
      const sent = model.requests.slice(before).flatMap(({ messages }) => messages);
      return sent.filter(({ text }) => text.includes("is used.")).length;
    };
    expect(await nudges(0.5)).toBe(1);
    expect(await nudges(null)).toBe(0);
  });
});
