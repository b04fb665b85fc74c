import { RunKilledError, supervise } from "@plumbline/instrumentation";
import type { ScriptedAnswer, ScriptedRequest } from "@plumbline/instrumentation/testing";
import type OpenAI from "openai";
import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { serveAgents, serveModel } from "./support/serve-agents.ts";

let answer: (request: ScriptedRequest) => ScriptedAnswer | Promise<ScriptedAnswer> = () => ({
  text: "hello",
});

const server = await serveAgents({ heartbeatMs: 100, service: "test-agent" });
const { model, openai } = await serveModel((request) => answer(request));
beforeEach(() => {
  answer = () => ({ text: "hello" });
});

const user = (content: string) => ({ role: "user" as const, content });
const toolTurns = (request: ScriptedRequest) =>
  request.messages.filter((message) => message.role === "tool").length;

async function runAgent(options: {
  runId: string;
  budget?: object;
  onPause?: "wait" | "exit";
  execute?: () => unknown;
}) {
  const { execute = () => ({ ok: true }), ...rest } = options;
  return supervise({ name: "agent", goal: "find the order", ...rest }, async (run) => {
    run.tool({ name: "look", parameters: z.object({ n: z.number() }), execute });
    const messages: OpenAI.ChatCompletionMessageParam[] = [user(run.goal)];
    for (;;) {
      const reply = await openai.chat.completions.create({
        model: "gpt-5-mini",
        messages,
        tools: run.toolDefinitions,
      });
      const message = reply.choices[0]?.message;
      if (message === undefined) throw new Error("no choice");
      messages.push(message);
      if (message.tool_calls === undefined) return message.content;
      messages.push(...(await run.execute(message.tool_calls)));
    }
  });
}

describe("a supervised run", () => {
  it("reports its start, its steps and its end, and the spans that go with them", async () => {
    answer = (request) =>
      toolTurns(request) === 0 ? { toolCalls: [{ name: "look", arguments: { n: 1 } }] } : { text: "done" };
    expect(await runAgent({ runId: "r-report" })).toBe("done");
    await server.waitFor(
      "the run ended",
      () => server.eventsOf("plumbline.run.end", "r-report").length === 1,
    );
    const starts = server.eventsOf("plumbline.step.start", "r-report").map((event) => event.step);
    expect(starts.map((step) => step.kind)).toEqual(["model", "tool", "model"]);
    expect(starts[2]).toMatchObject({ inputOffset: 1, inputMessageCount: 3 });
    expect(server.eventsOf("plumbline.step.end", "r-report")).toHaveLength(3);
    expect(server.eventsOf("plumbline.run.end", "r-report")[0]).toMatchObject({
      status: "completed",
      output: "done",
    });
    await server.waitFor(
      "its spans came",
      () => server.spans.filter((span) => span.attributes["plumbline.run.id"] === "r-report").length === 4,
    );
    const spans = server.spans.filter((span) => span.attributes["plumbline.run.id"] === "r-report");
    expect(new Set(spans.map((span) => span.traceId)).size).toBe(1);
    expect(spans.map((span) => span.name).toSorted()).toEqual([
      "chat gpt-5-mini",
      "chat gpt-5-mini",
      "execute_tool look",
      "invoke_agent agent",
    ]);
  });

  it("makes no call while it is paused, and goes on where it stopped", async () => {
    let calls = 0;
    answer = (request) =>
      toolTurns(request) < 6
        ? { toolCalls: [{ name: "look", arguments: { n: toolTurns(request) } }] }
        : { text: "done" };
    const runId = "r-pause";
    const before = model.requests.length;
    const ended = runAgent({
      runId,
      execute: async () => {
        calls += 1;
        if (calls === 3) {
          server.direct(runId, { desired: "paused", reason: "USER_PAUSED", message: "hold on" });
          await server.waitFor("the pause arrived", () =>
            server.eventsOf("plumbline.ack", runId).some(({ ack }) => ack.phase === "received"),
          );
        }
        return { calls };
      },
    });
    await server.waitFor("the pause is in force", () =>
      server.eventsOf("plumbline.ack", runId).some(({ ack }) => ack.phase === "applied"),
    );
    const requestsAtPause = model.requests.length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(model.requests.length).toBe(requestsAtPause);
    server.direct(runId, { desired: "running", reason: null, message: "go on" });
    expect(await ended).toBe("done");
    expect(calls).toBe(6);
    expect(model.requests.length - before).toBe(7);
  });

  it("aborts an open stream when it is killed, throws RunKilledError and runs no partial tool call", async () => {
    answer = () => ({
      toolCalls: [{ name: "look", arguments: { n: 1, filler: "x".repeat(200) } }],
      hangAfterChunks: 4,
    });
    const runId = "r-kill";
    let toolRan = false;
    let chunks = 0;
    const ended = supervise({ name: "agent", goal: "g", runId }, async (run) => {
      run.tool({ name: "look", parameters: z.object({}), execute: () => (toolRan = true) });
      const stream = await openai.chat.completions.create({
        model: "m",
        messages: [user("hi")],
        stream: true,
      });
      for await (const _ of stream) {
        chunks += 1;
        if (chunks === 3)
          server.direct(runId, {
            desired: "killed",
            reason: "USER_KILLED",
            message: "enough",
            findingId: "f-1",
          });
      }
      return run.execute([{ id: "c", function: { name: "look", arguments: "{}" } }]);
    });
    const thrown = await ended.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(RunKilledError);
    expect(thrown).toMatchObject({ reason: "USER_KILLED", why: "enough", findingId: "f-1", runId });
    expect(toolRan).toBe(false);
    await server.waitFor("the model saw the abort", () => model.abortedAnswers > 0);
    await server.waitFor(
      "the end was reported",
      () => server.eventsOf("plumbline.run.end", runId)[0]?.status === "killed",
    );
  });

  it("gives a nudge once, at the end of the conversation, and keeps it there", async () => {
    const runId = "r-nudge";
    answer = (request) =>
      toolTurns(request) < 3
        ? { toolCalls: [{ name: "look", arguments: { n: toolTurns(request) } }] }
        : { text: "done" };
    const before = model.requests.length;
    let calls = 0;
    await runAgent({
      runId,
      execute: async () => {
        calls += 1;
        if (calls !== 1) return "x";
        server.direct(runId, { nudges: [{ id: "n-1", text: "try the other shop" }] });
        await server.waitFor("the nudge arrived", () =>
          server.eventsOf("plumbline.ack", runId).some(({ ack }) => ack.phase === "received"),
        );
        return "x";
      },
    });
    const requests = model.requests.slice(before);
    const places = requests.map((request) =>
      request.messages.findIndex((message) => message.text === "try the other shop"),
    );
    expect(places).toEqual([-1, 3, 3, 3]);
    expect(requests[1]?.messages.at(-1)).toMatchObject({ role: "user", text: "try the other shop" });
    await server.waitFor("the nudge was acked", () =>
      server.eventsOf("plumbline.ack", runId).some(({ ack }) => ack.subject.kind === "nudge"),
    );
    const acks = server.eventsOf("plumbline.ack", runId).filter(({ ack }) => ack.subject.kind === "nudge");
    expect(acks.map(({ ack }) => [ack.phase, ack.stepId !== null])).toEqual([["applied", true]]);
  });

  it("stops before the call that would break its budget and names the limit", async () => {
    answer = (request) => ({ toolCalls: [{ name: "look", arguments: { n: toolTurns(request) } }] });
    const before = model.requests.length;
    const thrown = await runAgent({ runId: "r-budget", budget: { steps: 5 } }).catch(
      (error: unknown) => error,
    );
    expect(thrown).toMatchObject({ code: "BUDGET_EXCEEDED", limit: "steps", reason: "BUDGET_EXCEEDED" });
    expect(model.requests.length - before).toBe(3);
  });

  it("counts money and stops at the limit", async () => {
    answer = () => ({
      toolCalls: [{ name: "look", arguments: { n: 1 } }],
      usage: { inputTokens: 100_000, outputTokens: 10_000 },
    });
    const thrown = await runAgent({ runId: "r-usd", budget: { usd: 0.1 } }).catch((error: unknown) => error);
    expect(thrown).toMatchObject({ limit: "usd" });
  });
});
