import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  configurePlumbline,
  type InstrumentationConfig,
  instrumentOpenAI,
  supervise,
} from "@plumbline/instrumentation";
import { startScriptedModel } from "@plumbline/instrumentation/testing";
import OpenAI from "openai";
import { z } from "zod";
import { startProcess, type PartName } from "../../../packages/cli/src/compose/process.ts";
import { settingsSchema } from "../../../packages/cli/src/config/settings.ts";

/** How often the agent repeats its call before it would give up by itself. */
export const repetitions = 25;

export interface LoopOutcome {
  /** Name of the error that ended it; null when it gave up by itself. */
  error: string | null;
  /** Times the tool was really called. */
  calls: number;
}

/** A stack of the named parts, and an agent without local guards that makes one and the same call again and again. */
export async function runLoopingAgent(
  parts: readonly PartName[],
  settings: InstrumentationConfig = {},
): Promise<LoopOutcome> {
  const dataDirectory = await mkdtemp(join(tmpdir(), "plumbline-loop-"));
  const listen = { otlpHttpPort: 0, otlpGrpcPort: 0, apiPort: 0 };
  const stack = await startProcess(
    settingsSchema.parse({ dataDirectory, profile: "enforce", listen }),
    parts,
  );
  const model = await startScriptedModel({
    answer: ({ messages }) => {
      const replies = messages.filter((message) => message.role === "assistant").length;
      return replies < repetitions
        ? { toolCalls: [{ name: "find", arguments: { q: "x" } }], delayMs: 50 }
        : { text: "I give up." };
    },
  });
  configurePlumbline({ endpoint: stack.otlpUrl ?? "", dataDirectory, guards: "off", ...settings });
  const client = instrumentOpenAI(new OpenAI({ apiKey: "x", baseURL: model.baseUrl }));
  let calls = 0;
  try {
    await supervise({ name: "looper", goal: "Find x", onPause: "exit" }, async (run) => {
      run.tool({
        name: "find",
        parameters: z.object({ q: z.string() }),
        execute: () => {
          calls += 1;
          return Promise.resolve([]);
        },
      });
      const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: "user", content: run.goal }];
      for (;;) {
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
    return { error: null, calls };
  } catch (error) {
    return { error: (error as Error).name, calls };
  } finally {
    await model.close();
    await stack.close();
  }
}
