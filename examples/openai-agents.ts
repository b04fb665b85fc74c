import { Agent, run, setDefaultOpenAIClient, tool } from "@openai/agents";
import { instrumentOpenAI } from "@plumbline/instrumentation";
import { instrumentAgentTools } from "@plumbline/instrumentation/openai-agents";
import OpenAI from "openai";
import { z } from "zod";

setDefaultOpenAIClient(instrumentOpenAI(new OpenAI()));

const findOrders = tool({
  name: "find_orders",
  description: "Finds the orders of a customer.",
  parameters: z.object({ q: z.string() }),
  execute: ({ q }) => JSON.stringify({ rows: [`order 1042 of ${q}`] }),
});
const agent = new Agent({ name: "finder", model: "gpt-5-mini", tools: instrumentAgentTools([findOrders]) });
const { finalOutput } = await run(agent, "Which order did ada@example.com place last?");
console.log(finalOutput);
