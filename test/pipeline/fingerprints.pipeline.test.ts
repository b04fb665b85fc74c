import { shutdown, supervise } from "@plumbline/instrumentation";
import type OpenAI from "openai";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { serveAgents, serveModel } from "./support/serve-agents.ts";

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

const server = await serveAgents({
  content: "fingerprints",
  fingerprintKey: "a key that the server has not",
});
const { openai } = await serveModel(({ messages }) =>
  messages.some(({ role }) => role === "tool")
    ? { text: `I have repaired the ${secrets.said}.` }
    : { toolCalls: [{ name: "look", arguments: { where: secrets.argument } }] },
);

async function runAgent(runId: string): Promise<void> {
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
      openai.chat.completions.create({ model: "gpt-5-mini", messages, tools: run.toolDefinitions });
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
