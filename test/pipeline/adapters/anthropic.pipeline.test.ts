import Anthropic from "@anthropic-ai/sdk";
import { instrumentAnthropic } from "@plumbline/instrumentation/anthropic";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

const tools: Anthropic.Tool[] = [
  {
    name: "find_orders",
    input_schema: { type: "object", properties: { q: { type: "string" }, turn: { type: "number" } } },
  },
];

const baseOf = (live: Live): string => live.model.baseUrl.replace(/\/v1$/u, "");

/** An agent that runs its tools itself. */
function startLoop(live: Live): Ask {
  const client = instrumentAnthropic(new Anthropic({ apiKey: "none", baseURL: baseOf(live) }));
  return async (question) => {
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: question }];
    for (;;) {
      const reply = await client.messages.create({ model: "m", max_tokens: 100, messages, tools });
      messages.push({ role: "assistant", content: reply.content });
      const calls = reply.content.filter((block) => block.type === "tool_use");
      if (calls.length === 0)
        return reply.content.map((block) => (block.type === "text" ? block.text : "")).join("");
      const results = calls.map(async (call) => ({
        type: "tool_result" as const,
        tool_use_id: call.id,
        content: await live.findOrders((call.input as { q: string }).q),
      }));
      messages.push({ role: "user", content: await Promise.all(results) });
    }
  };
}

adapterSuite({ stack: "the Anthropic SDK", start: startLoop, concurrent: 50 });
