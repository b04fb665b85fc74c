import { instrumentModel, instrumentTools } from "@plumbline/instrumentation/ai-sdk";
import { generateText, stepCountIs, tool } from "ai6";
import { createOpenAI } from "ai6-openai";
import { z } from "zod";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

function start(live: Live): Ask {
  const openai = createOpenAI({ apiKey: "none", baseURL: live.model.baseUrl });
  const model = instrumentModel(openai("m"));
  const tools = instrumentTools({
    find_orders: tool({
      inputSchema: z.object({ q: z.string(), turn: z.number() }),
      execute: ({ q }) => live.findOrders(q),
    }),
  });
  return async (question) => {
    const { text } = await generateText({ model, prompt: question, tools, stopWhen: stepCountIs(10) });
    return text;
  };
}

adapterSuite({ stack: "the AI SDK 6", start, concurrent: 50 });
