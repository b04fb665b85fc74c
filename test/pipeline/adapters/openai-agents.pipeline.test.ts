import { Agent, run, setDefaultOpenAIClient, setTracingDisabled, tool } from "@openai/agents";
import { instrumentOpenAI } from "@plumbline/instrumentation";
import { instrumentAgentTools } from "@plumbline/instrumentation/openai-agents";
import OpenAI from "openai";
import { z } from "zod";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

function start(live: Live): Ask {
  setTracingDisabled(true);
  setDefaultOpenAIClient(
    instrumentOpenAI(new OpenAI({ apiKey: "none", maxRetries: 0, baseURL: live.model.baseUrl })),
  );
  const findOrders = tool({
    name: "find_orders",
    description: "Finds orders.",
    parameters: z.object({ q: z.string(), turn: z.number() }),
    execute: ({ q }) => live.findOrders(q),
  });
  const agent = new Agent({ name: "finder", model: "m", tools: instrumentAgentTools([findOrders]) });
  return async (question) => {
    const { finalOutput } = await run(agent, question);
    return finalOutput ?? "";
  };
}

adapterSuite({ stack: "the OpenAI Agents SDK", start, concurrent: 50 });
