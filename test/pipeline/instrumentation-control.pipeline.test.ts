import { plumblineStatus, RunKilledError, RunPausedError, supervise } from "@plumbline/instrumentation";
import type { ScriptedAnswer, ScriptedRequest } from "@plumbline/instrumentation/testing";
import { generateKeyPairSync } from "node:crypto";
import type OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { startTestServer } from "./instrumentation-harness.ts";
import { serveAgents, serveModel } from "./support/serve-agents.ts";

const keys = generateKeyPairSync("ed25519");
const scripts = new Map<string, (request: ScriptedRequest) => ScriptedAnswer>();

/** Each test has a script of its own, found by the first word of the user. */
function answer(request: ScriptedRequest): ScriptedAnswer {
  const said = request.messages.find((message) => message.role === "user")?.text.split(" ")[0] ?? "";
  return scripts.get(said)?.(request) ?? { text: `answer to ${said}` };
}

const user = (content: string) => ({ role: "user" as const, content });
const ask = (content: string) => openai.chat.completions.create({ model: "m", messages: [user(content)] });
const acksOf = (runId: string) => server.eventsOf("plumbline.ack", runId).map(({ ack }) => ack);
const received = (runId: string, count = 1) =>
  server.waitFor(
    "the directive arrived",
    () => acksOf(runId).filter((ack) => ack.phase === "received").length >= count,
  );

/** What careless tools do. */
function throwString(): never {
  // oxlint-disable-next-line no-throw-literal, typescript/only-throw-error -- that is the test
  throw "just a string";
}

const server = await serveAgents({ heartbeatMs: 100, toolTimeoutMs: 100 }, { keys });
const { model, openai } = await serveModel(answer);

describe("fifty conversations in one server, without supervise", () => {
  it("are fifty runs, and a kill hits one", async () => {
    scripts.set("fifty", (request) => ({
      text: `turn ${String(request.messages.length)} of ${request.messages[0]?.text ?? ""}`,
      delayMs: 20,
    }));
    async function converse(index: number): Promise<number> {
      const messages: OpenAI.ChatCompletionMessageParam[] = [user(`fifty ${String(index)}`)];
      for (let turn = 0; turn < 8; turn += 1) {
        const reply = await openai.chat.completions.create({ model: "m", messages });
        messages.push(
          { role: "assistant", content: reply.choices[0]?.message.content ?? "" },
          user("and then?"),
        );
      }
      return messages.length;
    }
    const conversations = Array.from({ length: 50 }, (_, index) => converse(index));
    const settled = Promise.allSettled(conversations);
    const goalOf = (goal: string) =>
      server.eventsOf("plumbline.run.start").find((event) => event.goal === goal);
    await server.waitFor(
      "all runs started",
      () => goalOf("fifty 49") !== undefined && goalOf("fifty 17") !== undefined,
    );
    server.direct(goalOf("fifty 17")?.runId ?? "", {
      desired: "killed",
      reason: "USER_KILLED",
      message: "only this one",
    });
    const results = await settled;
    expect(results.filter((result) => result.status === "fulfilled")).toHaveLength(49);
    const killed = results[17];
    expect(killed?.status === "rejected" && killed.reason).toBeInstanceOf(RunKilledError);
    const starts = server.eventsOf("plumbline.run.start").filter((event) => event.goal.startsWith("fifty "));
    expect(new Set(starts.map((event) => event.runId)).size).toBe(50);
    expect(starts).toHaveLength(50);
  });

  it("begin a new run when the same question is asked again", async () => {
    await ask("again");
    await ask("again");
    const starts = () => server.eventsOf("plumbline.run.start").filter((event) => event.goal === "again");
    await server.waitFor("both started", () => starts().length === 2);
    expect(new Set(starts().map((event) => event.runId)).size).toBe(2);
  });
});

describe("a retry inside the client", () => {
  it("waits at the gate while the run is paused, and is made once after the resume", async () => {
    const runId = "r-retry";
    let attempts = 0;
    scripts.set("retried", () => {
      attempts += 1;
      if (attempts > 1) return { text: "at last" };
      server.direct(runId, { desired: "paused", reason: "USER_PAUSED" });
      return { status: 500, delayMs: 60 };
    });
    const ended = supervise(
      { name: "a", runId },
      async () => (await ask("retried")).choices[0]?.message.content,
    );
    await received(runId);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    expect(attempts).toBe(1);
    server.direct(runId, { desired: "running", reason: null });
    expect(await ended).toBe("at last");
    expect(attempts).toBe(2);
    expect(server.eventsOf("plumbline.step.start", runId)).toHaveLength(1);
  });

  it("is not made once the run is killed", async () => {
    const runId = "r-retry-kill";
    let attempts = 0;
    scripts.set("killed-retry", () => {
      attempts += 1;
      server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "stop" });
      return { status: 500, delayMs: 30 };
    });
    await expect(supervise({ name: "a", runId }, () => ask("killed-retry"))).rejects.toBeInstanceOf(
      RunKilledError,
    );
    expect(attempts).toBe(1);
  });
});

describe("a kill", () => {
  it("comes out of the streaming helper as RunKilledError", async () => {
    const runId = "r-helper";
    scripts.set("helper", () => ({ text: "a long answer ".repeat(20), chunkDelayMs: 5 }));
    const thrown = await supervise({ name: "a", runId }, async () => {
      const stream = openai.chat.completions.stream({ model: "m", messages: [user("helper")] });
      stream.once("content", () =>
        server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "stop" }),
      );
      return stream.finalContent().catch((error: unknown) => {
        expect(error).toBeInstanceOf(RunKilledError);
        throw error;
      });
    }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(RunKilledError);
  });

  it("aborts a tool that is running, even one that ignores its signal, and flows down to child runs", async () => {
    const runId = "r-parent";
    let childError: unknown;
    const ended = supervise({ name: "parent", runId }, () =>
      supervise({ name: "child", runId: "r-child" }, async (run) => {
        run.tool({
          name: "stuck",
          timeoutMs: 10_000,
          parameters: z.object({}),
          execute: () => new Promise(() => undefined),
        });
        server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "stop" });
        await run.execute([{ id: "c1", function: { name: "stuck", arguments: "{}" } }]);
      }).catch((error: unknown) => {
        childError = error;
        throw error;
      }),
    );
    await expect(ended).rejects.toMatchObject({ code: "RUN_KILLED", runId });
    expect(childError).toBeInstanceOf(RunKilledError);
    await server.waitFor(
      "both ended",
      () => server.eventsOf("plumbline.run.end", "r-child")[0]?.status === "killed",
    );
    expect(server.eventsOf("plumbline.run.start", "r-child")[0]).toMatchObject({ parentRunId: runId });
  });

  it("is final", async () => {
    const runId = "r-final";
    await expect(
      supervise({ name: "a", runId }, async () => {
        server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "stop" });
        await received(runId);
        server.direct(runId, { desired: "running", reason: null });
        await new Promise((resolve) => setTimeout(resolve, 50));
        return ask("final");
      }),
    ).rejects.toBeInstanceOf(RunKilledError);
    await expect(supervise({ name: "a", runId }, () => ask("final"))).rejects.toBeInstanceOf(RunKilledError);
  });
});

describe("a pause", () => {
  it("throws where the run was declared to exit, and a new process of the same run obeys it at its first call", async () => {
    const runId = "r-exit";
    const once = () =>
      supervise({ name: "a", runId, onPause: "exit" }, async () => {
        if (acksOf(runId).length === 0)
          server.direct(runId, { desired: "paused", reason: "LOOP_DETECTED", message: "looks stuck" });
        await received(runId);
        return ask("exit");
      });
    await expect(once()).rejects.toBeInstanceOf(RunPausedError);
    await expect(supervise({ name: "a", runId, onPause: "exit" }, () => ask("exit"))).rejects.toMatchObject({
      reason: "LOOP_DETECTED",
      why: "looks stuck",
    });
    await server.waitFor("the end was told", () => server.eventsOf("plumbline.run.end", runId).length === 2);
    expect(server.eventsOf("plumbline.run.end", runId)[0]).toMatchObject({
      status: "paused",
      stopReason: "LOOP_DETECTED",
    });
  });

  it("lets an open stream end", async () => {
    const runId = "r-open-stream";
    scripts.set("open", () => ({ text: "all of it", chunkCharacters: 3, chunkDelayMs: 20 }));
    const ended = supervise({ name: "a", runId }, async () => {
      let text = "";
      const stream = await openai.chat.completions.create({
        model: "m",
        messages: [user("open")],
        stream: true,
      });
      for await (const chunk of stream) {
        if (text === "") server.direct(runId, { desired: "paused", reason: "USER_PAUSED" });
        text += chunk.choices[0]?.delta.content ?? "";
      }
      return text;
    });
    expect(await ended).toBe("all of it");
    await server.waitFor("the pause is in force", () => acksOf(runId).some((ack) => ack.phase === "applied"));
  });
});

describe("a call that the application gives up while it waits at the gate", () => {
  it("is not made, and the client says so in its own words", async () => {
    const runId = "r-given-up";
    await supervise({ name: "a", runId }, async () => {
      server.direct(runId, { desired: "paused", reason: "USER_PAUSED" });
      await received(runId);
      const signal = AbortSignal.timeout(30);
      const asked = openai.chat.completions.create({ model: "m", messages: [user("given-up")] }, { signal });
      await expect(asked).rejects.toThrow("Request was aborted.");
    });
    expect(model.requests.some((request) => request.messages[0]?.text === "given-up")).toBe(false);
  });
});

describe("a directive that can't be believed", () => {
  it("is ignored, reported once and counted", async () => {
    const runId = "r-forged";
    const forger = generateKeyPairSync("ed25519");
    const forgery = await startTestServer({ keys: forger });
    await supervise({ name: "a", runId }, async () => {
      const real = server.direct(runId, { message: "hello" });
      await received(runId);
      const kill = { ...real, generation: 9, desired: "killed" as const, reason: "USER_KILLED" as const };
      server.publish(runId, forgery.sign(kill));
      server.publish(runId, server.sign(kill, "k-unknown"));
      server.publish(runId, { ...server.sign(real), payload: JSON.stringify(kill) });
      server.publish(runId, server.sign({ ...real, generation: 0 }));
      server.publish(runId, server.sign({ ...kill, runId: "r-other" }));
      await server.waitFor(
        "all were rejected",
        () => Object.values(plumblineStatus().rejectedDirectives).reduce((a, b) => a + b, 0) >= 5,
      );
      expect((await ask("forged")).choices[0]?.message.content).toBe("answer to forged");
    });
    await forgery.close();
    const rejections = () => acksOf(runId).filter((ack) => ack.phase === "rejected");
    await server.waitFor("each reason was told", () => rejections().length >= 3);
    expect(
      rejections()
        .map((ack) => ack.detail)
        .toSorted(),
    ).toEqual(
      [
        "its signature is wrong",
        "it is older than the one in force",
        "signed with the unknown key k-unknown",
      ].toSorted(),
    );
    server.direct(runId, { message: "" });
  });
});

describe("limits", () => {
  it("changed while the run is under way hold for the next call", async () => {
    const runId = "r-live-limit";
    const thrown = await supervise({ name: "a", runId, budget: { modelCalls: 100 } }, async () => {
      await ask("limit");
      server.direct(runId, { limits: { modelCalls: 2 } });
      await received(runId);
      await ask("limit");
      await ask("limit");
    }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ limit: "modelCalls", runId });
    await server.waitFor(
      "the end was told",
      () => server.eventsOf("plumbline.run.end", runId)[0]?.stopReason === "BUDGET_EXCEEDED",
    );
  });

  it("of a parent count what its children use", async () => {
    const thrown = await supervise({ name: "parent", runId: "r-tree", budget: { steps: 2 } }, async () => {
      for (let child = 0; child < 5; child += 1) await supervise({ name: "child" }, () => ask("tree"));
    }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ limit: "steps", runId: "r-tree" });
    expect(model.requests.filter((request) => request.messages[0]?.text === "tree")).toHaveLength(2);
  });
});

describe("the control channel", () => {
  it("comes back by itself and brings what was missed", async () => {
    const runId = "r-reconnect";
    const streams = server.streamsOpened;
    await expect(
      supervise({ name: "a", runId }, async () => {
        await ask("reconnect");
        server.cutStreams();
        server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "while you were away" });
        for (;;) {
          await ask("reconnect");
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      }),
    ).rejects.toMatchObject({ why: "while you were away" });
    expect(server.streamsOpened).toBeGreaterThan(streams);
  });
});

describe("what goes wrong in a tool", () => {
  it("comes back as text, call by call, in the order of the calls", async () => {
    const circular: Record<string, unknown> = { name: "ring" };
    circular["self"] = circular;
    const answers = await supervise({ name: "a", runId: "r-tools" }, async (run) => {
      const parameters = z.object({});
      run.tool({
        name: "string",
        parameters,
        execute: throwString,
      });
      run.tool({ name: "hang", parameters, execute: () => new Promise(() => undefined) });
      run.tool({ name: "circular", parameters, execute: () => circular });
      run.tool({ name: "strict", parameters: z.object({ n: z.number() }), execute: ({ n }) => n + 1 });
      const call = (id: string, name: string, text = "{}") => ({ id, function: { name, arguments: text } });
      return run.execute([
        call("1", "string"),
        call("2", "hang"),
        call("3", "circular"),
        call("4", "strict", '{"n":"one"}'),
        call("5", "strict", "{n:"),
        call("6", "strict", '{"n":1}'),
        call("7", "missing"),
      ]);
    });
    expect(answers.map((one) => one.tool_call_id)).toEqual(["1", "2", "3", "4", "5", "6", "7"]);
    expect(answers[0]?.content).toBe("Error: just a string");
    expect(answers[1]?.content).toContain("took longer than 100 ms");
    expect(answers[2]?.content).toBe('{"name":"ring","self":"[circular]"}');
    expect(answers[3]?.content).toContain("expected number");
    expect(answers[4]?.content).toContain("not JSON");
    expect(answers[5]?.content).toBe("2");
    expect(answers[6]?.content).toContain("Available: string, hang, circular, strict");
    await server.waitFor(
      "all ends came",
      () => server.eventsOf("plumbline.step.end", "r-tools").length === 7,
    );
    const ends = server.eventsOf("plumbline.step.end", "r-tools");
    expect(ends.filter((event) => event.error !== null)).toHaveLength(5);
  });
});
