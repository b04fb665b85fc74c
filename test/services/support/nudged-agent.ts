import { configurePlumbline, instrumentOpenAI, supervise } from "@plumbline/instrumentation";
import { startScriptedModel } from "@plumbline/instrumentation/testing";
import OpenAI from "openai";
import { z } from "zod";
import type { OperatorClient } from "../../../packages/cli/src/api/operator-client.ts";

export interface NudgedAgentOptions {
  runId: string;
  /** OTLP and control. */
  url: string;
  dataDirectory: string;
  client: OperatorClient;
}

/** A supervised agent that works on until told to stop, and a person who says something to it now and then. */
export interface NudgedAgent {
  /** Says one more thing, and waits until the agent has heard it; rejects when it is not heard within `withinMs`. */
  nudge(withinMs: number): Promise<void>;
  /** How often the agent heard each thing that was said. */
  heard(): ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

const lookEveryMs = 50;
/** Slow, for its conversation is never cut. */
const thinkingMs = 500;
const words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "inlet", "jetty"];

const sleep = (durationMs: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, durationMs));

async function work(client: OpenAI, runId: string, stop: AbortSignal): Promise<void> {
  await supervise({ name: "listener", goal: "Read all shelves", runId, onPause: "wait" }, async (run) => {
    run.tool({
      name: "read_shelf",
      parameters: z.object({ shelf: z.number() }),
      execute: ({ shelf }) =>
        Promise.resolve({ shelf, book: `${words[shelf % words.length] ?? ""} ${String(shelf * 31)}` }),
    });
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: "user", content: run.goal }];
    while (!stop.aborted) {
      const reply = await client.chat.completions.create({
        model: "gpt-5-mini",
        messages,
        tools: run.toolDefinitions,
      });
      const message = reply.choices[0]?.message;
      if (message?.tool_calls === undefined) return;
      messages.push(message, ...(await run.execute(message.tool_calls)));
    }
  });
}

export async function startNudgedAgent(options: NudgedAgentOptions): Promise<NudgedAgent> {
  const { runId, url, dataDirectory, client } = options;
  const stop = new AbortController();
  const heard = new Map<string, number>();
  const hear = (text: string): void => {
    for (const [said] of text.matchAll(/said-\d+-\w+/g)) heard.set(said, (heard.get(said) ?? 0) + 1);
  };
  let shelf = 0;
  const model = await startScriptedModel({
    answer: ({ messages }) => {
      // A nudge stands in the request that it was put into, and in no later one unless it was given again.
      const last = messages.findLastIndex((message) => message.role === "assistant");
      for (const { role, text } of messages.slice(last + 1)) if (role !== "tool") hear(text);
      shelf += 1;
      return { toolCalls: [{ name: "read_shelf", arguments: { shelf } }], delayMs: thinkingMs };
    },
  });
  configurePlumbline({ endpoint: url, dataDirectory, guards: "off" });
  const openai = instrumentOpenAI(new OpenAI({ apiKey: "x", baseURL: model.baseUrl }));
  const working = work(openai, runId, stop.signal);
  let said = 0;
  return {
    async nudge(withinMs) {
      said += 1;
      const text = `said-${String(said)}-${runId.replaceAll("-", "_")}`;
      await client.command(runId, { verb: "nudge", text, message: "" });
      for (let waitedMs = 0; waitedMs < withinMs; waitedMs += lookEveryMs) {
        if (heard.has(text)) return;
        await sleep(lookEveryMs);
      }
      throw new Error(`${text} was not heard within ${String(withinMs)} ms.`);
    },
    heard: () => heard,
    async stop() {
      stop.abort();
      await working;
      await model.close();
    },
  };
}
