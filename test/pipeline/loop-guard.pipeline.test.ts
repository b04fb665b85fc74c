import {
  configurePlumbline,
  instrumentOpenAI,
  LoopDetectedError,
  shutdown,
  supervise,
} from "@plumbline/instrumentation";
import { startScriptedModel, type ScriptedModel } from "@plumbline/instrumentation/testing";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

let model: ScriptedModel;
let openai: OpenAI;

// No server listens there: the guard needs none.
beforeAll(async () => {
  model = await startScriptedModel({
    answer: ({ messages }) =>
      messages.length > 60
        ? { text: "enough" }
        : { toolCalls: [{ name: "search", arguments: { q: "order 1042" } }] },
  });
  configurePlumbline({
    endpoint: "http://127.0.0.1:9",
    controlEndpoint: "off",
    dataDirectory: mkdtempSync(join(tmpdir(), "plumbline-")),
  });
  openai = instrumentOpenAI(new OpenAI({ apiKey: "none", baseURL: model.baseUrl }));
});
afterAll(async () => {
  await shutdown(10);
  await model.close();
});

it("tells an agent that repeats itself, answers its calls unmade and stops it, without any server", async () => {
  let made = 0;
  const answers: string[] = [];
  const run = supervise({ name: "agent", goal: "Find order 1042" }, async (current) => {
    current.tool({
      name: "search",
      parameters: z.object({ q: z.string() }),
      execute: () => {
        made += 1;
        return "0 rows";
      },
    });
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: "user", content: current.goal }];
    for (;;) {
      const reply = await openai.chat.completions.create({
        model: "m",
        messages,
        tools: current.toolDefinitions,
      });
      const message = reply.choices[0]?.message;
      if (message?.tool_calls === undefined) return message?.content;
      const results = await current.execute(message.tool_calls);
      answers.push(...results.map(({ content }) => content));
      messages.push(message, ...results);
    }
  });
  await expect(run).rejects.toBeInstanceOf(LoopDetectedError);
  const unmade = answers.filter((text) => text.includes("The call was not made."));
  expect(unmade).toHaveLength(2);
  expect(answers.indexOf(unmade[0] ?? "")).toBe(made);
  expect(made).toBeLessThan(8);
  const told = model.requests.filter(({ messages }) =>
    messages.some(({ role, text }) => role === "user" && text.includes("Nothing new came of it.")),
  );
  expect(told.length).toBeGreaterThan(0);
});
