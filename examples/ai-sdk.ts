import { openai } from "@ai-sdk/openai";
import { plumbline } from "@plumbline/instrumentation/ai-sdk";
import { generateText, isStepCount, registerTelemetry, tool } from "ai";
import { z } from "zod";

registerTelemetry(plumbline());

const findOrders = tool({
  inputSchema: z.object({ q: z.string() }),
  execute: ({ q }) => ({ rows: [`order 1042 of ${q}`] }),
});
const { text } = await generateText({
  model: openai("gpt-5-mini"),
  prompt: "Which order did ada@example.com place last?",
  tools: { find_orders: findOrders },
  stopWhen: isStepCount(10),
});
console.log(text);
