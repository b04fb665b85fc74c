import { configurePlumbline, instrumentOpenAI, shutdown, supervise } from "@plumbline/instrumentation";
import { type ScriptedModel, startScriptedModel } from "@plumbline/instrumentation/testing";
import OpenAI from "openai";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { startTestServer, type TestServer } from "./instrumentation-harness.ts";

/** Words that stand nowhere but in contents. */
const secrets = {
  goal: "zanzibarian",
  prompt: "quillwort",
  said: "brachiopod",
  argument: "xylophagous",
  result: "kinetoscope",
  thrown: "jacaranda",
  output: "wunderkammer",
};

let server: TestServer;
let model: ScriptedModel;

beforeAll(async () => {
  server = await startTestServer();
  model = await startScriptedModel({
    answer: ({ messages }) =>
      messages.some(({ role }) => role === "tool")
        ? { text: `I have repaired the ${secrets.said}.` }
        : { toolCalls: [{ name: "look", arguments: { where: secrets.argument } }] },
  });
  configurePlumbline({
    endpoint: server.url,
    trustedKeys: server.trustedKeys,
    dataDirectory: mkdtempSync(join(tmpdir(), "plumbline-")),
    content: "fingerprints",
    fingerprintKey: "a key that the server has not",
  });
});
afterAll(async () => {
  await shutdown();
  await model.close();
  await server.close();
});

async function runAgent(runId: string): Promise<void> {
  const client = instrumentOpenAI(new OpenAI({ apiKey: "x", baseURL: model.baseUrl }));
  await supervise({ name: "agent", goal: `Find the ${secrets.goal}`, runId }, async (run) => {
    run.tool({
      name: "look",
      parameters: z.object({ where: z.string() }),
      execute: () => Promise.resolve({ seen: secrets.result, amount: 73_911_842 }),
    });
    run.tool({
      name: "fail",
      parameters: z.object({}),
      execute: () => Promise.reject(new Error(`no ${secrets.thrown} here`)),
    });
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [
      { role: "system", content: `Be a ${secrets.prompt}.` },
      { role: "user", content: `Where is the ${secrets.prompt}?` },
    ];
    const ask = () =>
      client.chat.completions.create({ model: "gpt-5-mini", messages, tools: run.toolDefinitions });
    const message = (await ask()).choices[0]?.message;
    if (message?.tool_calls === undefined) throw new Error("no tool call");
    messages.push(message, ...(await run.execute(message.tool_calls)));
    await ask();
    await run.execute([{ id: "c2", type: "function", function: { name: "fail", arguments: "{}" } }]);
    return `Here is the ${secrets.output}`;
  });
}

describe("an agent that sends fingerprints", () => {
  it("sends no word of any content on either channel, and what detection needs of every step", async () => {
    await runAgent("f-1");
    await server.waitFor("the run ended", () => server.eventsOf("plumbline.run.end", "f-1").length === 1);
    await shutdown();
    const sent = JSON.stringify([server.events, server.spans]);
    for (const word of [...Object.values(secrets), "73911842"]) expect(sent).not.toContain(word);

    const [start] = server.eventsOf("plumbline.run.start", "f-1");
    expect(start?.goal).toBe("");
    expect(start?.goalFingerprint?.words).not.toBe("");
    const ends = server.eventsOf("plumbline.step.end", "f-1").map(({ step }) => step);
    const calls = ends.flatMap((step) => (step.kind === "tool" ? [step] : []));
    expect(calls.map(({ toolName, fingerprint }) => [toolName, fingerprint?.outcome])).toEqual([
      ["look", "ok"],
      ["fail", "error"],
    ]);
    const replies = ends.flatMap((step) => (step.kind === "model" ? [step.fingerprint] : []));
    expect(replies.map((reply) => reply?.toolCalls)).toEqual([1, 0]);
    expect(replies[0]?.userText).not.toBe(0);
    expect(replies[1]?.claimWords).not.toBe("");
  });
});
