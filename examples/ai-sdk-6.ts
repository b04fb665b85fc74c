import { openai } from "ai6-openai";
import { instrumentModel, instrumentTools } from "@plumbline/instrumentation/ai-sdk";
import { generateText, stepCountIs, tool } from "ai6";
import { z } from "zod";

const findOrders = tool({
  inputSchema: z.object({ q: z.string() }),
  execute: ({ q }) => ({ rows: [`order 1042 of ${q}`] }),
});
const { text } = await generateText({
  model: instrumentModel(openai("gpt-5-mini")),
  prompt: "Which order did ada@example.com place last?",
  tools: instrumentTools({ find_orders: findOrders }),
  stopWhen: stepCountIs(10),
});
console.log(text);
