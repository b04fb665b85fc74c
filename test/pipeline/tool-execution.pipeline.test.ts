import { RetryLimitError, type Run, supervise } from "@plumbline/instrumentation";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serveAgents, serveModel } from "./support/serve-agents.ts";

const server = await serveAgents({
  // Tools fail here on purpose, again and again: the loop guard would step in.
  guards: "off",
  maxRetriesPerRun: 6,
  maxRetriesPerTool: 4,
});
const { openai } = await serveModel(() => ({ text: "ok" }));

const anything = z.record(z.string(), z.unknown());
const quick = { firstDelayMs: 1, maxDelayMs: 40 };
const failure = (fields: object, message = "it failed") => Object.assign(new Error(message), fields);

async function execute(run: Run, name: string, args: unknown = {}): Promise<string> {
  const answers = await run.execute([{ id: "c1", function: { name, arguments: JSON.stringify(args) } }]);
  return answers[0]?.content ?? "";
}

/** Calls one tool in a run of its own. */
function inRun<Result>(use: (run: Run) => Promise<Result>, runId?: string): Promise<Result> {
  return supervise({ name: "agent", ...(runId === undefined ? {} : { runId }) }, use);
}

describe("the arguments of a call", () => {
  it("that don't fit come back with what is wrong and what is allowed, and the tool never sees them", async () => {
    let calls = 0;
    const text = await inRun((run) => {
      const parameters = z.object({ size: z.enum(["s", "m"]), count: z.number().int().min(1) });
      run.tool({ name: "order", parameters, execute: () => (calls += 1) });
      return execute(run, "order", { size: "xl", count: 2 });
    });
    expect(text).toContain("The arguments of order don't fit its parameters.");
    expect(text).toContain('size may be: {"type":"string","enum":["s","m"]}');
    expect(text).not.toContain("count may be");
    expect(calls).toBe(0);
  });

  it("that are no JSON, or name no parameter at all, come back with the names of the parameters", async () => {
    const text = await inRun(async (run) => {
      const parameters = z.strictObject({ id: z.string() });
      run.tool({ name: "find", parameters, execute: () => "found" });
      const broken = await run.execute([{ id: "c1", function: { name: "find", arguments: "{id:" } }]);
      return `${broken[0]?.content ?? ""}\n${await execute(run, "find", { id: "x", colour: 1 })}`;
    });
    expect(text).toContain("They are not JSON");
    expect(text).toContain("The parameters are: id");
  });
});

describe("a call that fails", () => {
  it("is tried again when the failure may pass, under the same idempotency key", async () => {
    const keys: string[] = [];
    const text = await inRun((run) => {
      run.tool({
        name: "flaky",
        parameters: anything,
        retry: quick,
        execute: (_, call) => {
          keys.push(call.idempotencyKey);
          if (keys.length < 3) throw failure({ status: 503 });
          return "at last";
        },
      });
      return execute(run, "flaky");
    });
    expect(text).toBe("at last");
    expect(keys).toHaveLength(3);
    expect(new Set(keys).size).toBe(1);
  });

  it.each([
    ["permission", { status: 403 }, "This needs a person"],
    ["data_error", { status: 422 }, "it failed"],
    ["fatal", {}, "it failed"],
    ["stale_data", { status: 409 }, "read it again"],
  ])("with %s is not tried again, and the model reads what it needs", async (name, fields, told) => {
    let calls = 0;
    const text = await inRun((run) => {
      run.tool({
        name,
        parameters: anything,
        retry: quick,
        execute: () => {
          calls += 1;
          throw failure(fields);
        },
      });
      return execute(run, name);
    });
    expect(calls).toBe(1);
    expect(text).toContain(told);
  });

  it("on stale data is tried again with what its re-read hook gives", async () => {
    const seen: unknown[] = [];
    const text = await inRun((run) => {
      run.tool({
        name: "update",
        parameters: z.object({ version: z.number() }),
        retry: { ...quick, refresh: (input) => ({ version: input.version + 1 }) },
        execute: (input) => {
          seen.push(input.version);
          if (input.version < 2) throw failure({ status: 412 });
          return "updated";
        },
      });
      return execute(run, "update", { version: 1 });
    });
    expect(seen).toEqual([1, 2]);
    expect(text).toBe("updated");
  });

  it("is not tried again by default when the tool changes something", async () => {
    let calls = 0;
    await inRun((run) => {
      run.tool({
        name: "charge",
        parameters: anything,
        reversible: false,
        execute: () => {
          calls += 1;
          throw failure({ status: 503 });
        },
      });
      return execute(run, "charge");
    });
    expect(calls).toBe(1);
  });

  it("waits as long as the other side asks for, and gives up when that is too long", async () => {
    const at: number[] = [];
    const text = await inRun((run) => {
      run.tool({
        name: "limited",
        parameters: anything,
        retry: quick,
        execute: () => {
          at.push(Date.now());
          throw failure({ headers: { "retry-after": at.length === 1 ? "0.03" : "3600" }, status: 429 });
        },
      });
      return execute(run, "limited");
    });
    expect(at).toHaveLength(2);
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(29);
    expect(text).toContain("It was tried 2 times.");
  });

  it("takes the tool's own word for the class of its failures", async () => {
    let calls = 0;
    await inRun((run) => {
      run.tool({
        name: "odd",
        parameters: anything,
        retry: { ...quick, attempts: 2 },
        classifyFailure: () => "transient",
        execute: () => {
          calls += 1;
          throw new Error("E17");
        },
      });
      return execute(run, "odd");
    });
    expect(calls).toBe(2);
  });

  it("gets a fresh signal for every attempt after a timeout", async () => {
    const aborted: boolean[] = [];
    const text = await inRun((run) => {
      run.tool({
        name: "slow",
        parameters: anything,
        retry: quick,
        timeoutMs: 20,
        execute: (_, { signal }) => {
          aborted.push(signal.aborted);
          return aborted.length === 1 ? new Promise(() => undefined) : "in time";
        },
      });
      return execute(run, "slow");
    });
    expect(aborted).toEqual([false, false]);
    expect(text).toBe("in time");
  });

  it("is thrown where the caller or the tool asks for that", async () => {
    const thrown = inRun((run) => {
      run.tool({
        name: "thrower",
        parameters: anything,
        onError: "throw",
        execute: () => Promise.reject(new Error("E1")),
      });
      return execute(run, "thrower");
    });
    await expect(thrown).rejects.toThrow("E1");
    const asked = inRun((run) => {
      run.tool({ name: "asked", parameters: anything, execute: () => Promise.reject(new Error("E2")) });
      return run.execute([{ id: "c", function: { name: "asked", arguments: "{}" } }], { onError: "throw" });
    });
    await expect(asked).rejects.toThrow("E2");
  });
});

describe("the budget of retries", () => {
  const failing = { parameters: anything, retry: { ...quick, attempts: 3 }, breaker: false } as const;
  const fails = { execute: () => Promise.reject(failure({ status: 503 })) };

  it.each([
    ["a tool", 1, "t0 used up its 4 retries"],
    ["a run", 4, "used up its 6 retries"],
  ])("of %s stops the run with RETRY_LIMIT_REACHED when it is used up", async (_, tools, why) => {
    const run = inRun(async (current) => {
      for (let index = 0; index < tools; index += 1)
        current.tool({ name: `t${String(index)}`, ...failing, ...fails });
      for (let index = 0; index < 9; index += 1) await execute(current, `t${String(index % tools)}`);
    });
    await expect(run).rejects.toBeInstanceOf(RetryLimitError);
    await expect(run).rejects.toThrow(why);
  });

  it("is shared with the parent of a run", async () => {
    const parent = inRun(async () => {
      for (let index = 0; index < 9; index += 1) {
        await inRun(async (child) => {
          child.tool({ name: "t0", ...failing, ...fails });
          await execute(child, "t0");
        });
      }
    });
    await expect(parent).rejects.toBeInstanceOf(RetryLimitError);
  });
});

describe("the breaker of a tool", () => {
  it("of a tool without an endpoint concerns its own run only", async () => {
    let calls = 0;
    const failTimes = (times: number) =>
      inRun(async (run) => {
        run.tool({
          name: "print",
          parameters: anything,
          retry: false,
          execute: () => {
            calls += 1;
            throw failure({ status: 503 });
          },
        });
        for (let index = 0; index < times; index += 1) await execute(run, "print");
      });
    await failTimes(5);
    expect(calls).toBe(3);
    await failTimes(1);
    expect(calls).toBe(4);
  });

  it("of an endpoint opens after three failures in a row, across runs, lets one call probe, and closes when that succeeds", async () => {
    let calls = 0;
    let healthy = false;
    const tool = {
      name: "shared",
      parameters: anything,
      retry: false,
      breaker: { probeAfterMs: 250, endpoint: () => "database" },
      execute: () => {
        calls += 1;
        if (!healthy) throw failure({ status: 503 }, "database is down");
        return "fine";
      },
    } as const;
    const once = (runId?: string) =>
      inRun((run) => {
        run.tool(tool);
        return execute(run, "shared");
      }, runId);
    for (let index = 0; index < 3; index += 1) await once();
    const refused = await once("r-breaker");
    expect(calls).toBe(3);
    expect(refused).toContain('it failed 3 times in a row, the last time with "database is down"');
    await server.waitFor(
      "the refusal is a finding",
      () => server.eventsOf("plumbline.guard.finding", "r-breaker").length > 0,
    );
    await new Promise((resolve) => setTimeout(resolve, 510));
    await once();
    expect(calls).toBe(4);
    expect(await once()).toContain("was not called");
    healthy = true;
    await new Promise((resolve) => setTimeout(resolve, 1010));
    expect(await once()).toBe("fine");
    expect(await once()).toBe("fine");
  });

  it("is not opened by bad arguments or missing permission, and stands apart for each endpoint", async () => {
    let calls = 0;
    await inRun(async (run) => {
      run.tool({
        name: "apart",
        parameters: z.object({ region: z.string(), status: z.number() }),
        retry: false,
        breaker: { endpoint: ({ region }) => region },
        execute: ({ status }) => {
          calls += 1;
          throw failure({ status });
        },
      });
      for (let index = 0; index < 5; index += 1) await execute(run, "apart", { region: "eu", status: 404 });
      for (let index = 0; index < 5; index += 1) await execute(run, "apart", { region: "us", status: 500 });
      await execute(run, "apart", { region: "eu", status: 404 });
    });
    expect(calls).toBe(5 + 3 + 1);
  });
});

describe("a result", () => {
  it("that is too long is cut in the middle and says so", async () => {
    const text = await inRun((run) => {
      const result = `first ${"x".repeat(5000)} last`;
      run.tool({ name: "long", parameters: anything, maxResultCharacters: 100, execute: () => result });
      return execute(run, "long");
    });
    expect(text).toContain("[4911 of 5011 characters cut here; ask for a smaller part to see them]");
    expect(text.startsWith("first")).toBe(true);
    expect(text.endsWith("last")).toBe(true);
  });
});

describe("an id that occurs nowhere in the run", () => {
  async function ask(id: string, onUngroundedIds: "mark" | "warn" | "refuse", runId?: string) {
    let calls = 0;
    const text = await inRun(async (run) => {
      run.tool({
        name: "get_order",
        parameters: z.object({ id: z.string() }),
        onUngroundedIds,
        execute: () => {
          calls += 1;
          return "its parcel is PK-77120";
        },
      });
      const content = "What became of order QX-40821?";
      await openai.chat.completions.create({ model: "m", messages: [{ role: "user", content }] });
      const first = await execute(run, "get_order", { id });
      return `${first}|${await execute(run, "get_order", { id: "PK-77120" })}`;
    }, runId);
    return { text, calls };
  }

  it("is marked for people and the call is made", async () => {
    const { text, calls } = await ask("ZZ-99917", "mark", "r-mark");
    expect(calls).toBe(2);
    expect(text).not.toContain("ZZ-99917");
    await server.waitFor(
      "it is a finding",
      () => server.eventsOf("plumbline.guard.finding", "r-mark").length === 1,
    );
    expect(server.eventsOf("plumbline.guard.finding", "r-mark")[0]).toMatchObject({
      kind: "invalid-call",
      guard: "grounding",
      intervention: "observe",
    });
    await server.waitFor("its span came", () =>
      server.spans.some((span) => span.attributes["plumbline.tool.ungrounded_ids"] === "1"),
    );
  });

  it("is told to the model, or the call refused, where the tool says so", async () => {
    expect((await ask("ZZ-99917", "warn")).text).toContain(
      'Note: "ZZ-99917": named nowhere in this run before',
    );
    const refused = await ask("ZZ-99917", "refuse");
    expect(refused.text).toContain("The call was not made.");
    expect(refused.calls).toBe(0);
  });

  it("is not one that the user, a result or a series names", async () => {
    expect((await ask("QX-40821", "refuse")).calls).toBe(2);
    expect((await ask("QX-40822", "refuse")).calls).toBe(2);
  });
});
