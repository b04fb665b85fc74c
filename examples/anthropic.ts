import Anthropic from "@anthropic-ai/sdk";
import { instrumentAnthropic } from "@plumbline/instrumentation/anthropic";

const client = instrumentAnthropic(new Anthropic());
const findOrders = {
  name: "find_orders",
  input_schema: { type: "object" as const, properties: { q: { type: "string" } } },
  parse: (input: unknown) => input as { q: string },
  run: ({ q }: { q: string }) => JSON.stringify({ rows: [`order 1042 of ${q}`] }),
};
const answer = await client.beta.messages.toolRunner({
  model: "claude-sonnet-4-5",
  max_tokens: 1000,
  messages: [{ role: "user", content: "Which order did ada@example.com place last?" }],
  tools: [findOrders],
});
console.log(answer.content.map((block) => (block.type === "text" ? block.text : "")).join(""));
