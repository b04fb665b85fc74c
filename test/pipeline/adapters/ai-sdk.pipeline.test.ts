import { createOpenAI } from "@ai-sdk/openai";
import { plumbline } from "@plumbline/instrumentation/ai-sdk";
import { generateText, isStepCount, registerTelemetry, tool } from "ai";
import { z } from "zod";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

function start(live: Live): Ask {
  registerTelemetry(plumbline({ tools: { find_orders: { risk: "safe", mutates: false } } }));
  const openai = createOpenAI({ apiKey: "none", baseURL: live.model.baseUrl });
  const findOrders = tool({
    inputSchema: z.object({ q: z.string(), turn: z.number() }),
    execute: ({ q }) => live.findOrders(q),
  });
  return async (question) => {
    const { text } = await generateText({
      model: openai("m"),
      prompt: question,
      tools: { find_orders: findOrders },
      stopWhen: isStepCount(10),
    });
    return text;
  };
}

adapterSuite({ stack: "the AI SDK 7", start, concurrent: 50 });
