import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { instrumentOpenAI, supervise } from "@plumbline/instrumentation";
import { instrumentMcpClient } from "@plumbline/instrumentation/mcp";
import OpenAI from "openai";
import { z } from "zod";

const shop = new McpServer({ name: "shop", version: "1.0.0" });
shop.registerTool("find_orders", { inputSchema: { q: z.string() } }, ({ q }) => ({
  content: [{ type: "text", text: JSON.stringify({ rows: [`order 1042 of ${q}`] }) }],
}));
const [agentEnd, shopEnd] = InMemoryTransport.createLinkedPair();
await shop.connect(shopEnd);

const mcp = instrumentMcpClient(new Client({ name: "agent", version: "1.0.0" }));
await mcp.connect(agentEnd);
const openai = instrumentOpenAI(new OpenAI());

const goal = "Which order did ada@example.com place last?";
const answer = await supervise({ name: "finder", goal }, async () => {
  const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: "user", content: goal }];
  const tools = (await mcp.listTools()).tools.map(({ name, inputSchema }) => ({
    type: "function" as const,
    function: { name, parameters: inputSchema },
  }));
  for (;;) {
    const reply = await openai.chat.completions.create({ model: "gpt-5-mini", messages, tools });
    const message = reply.choices[0]?.message;
    if (message?.tool_calls === undefined) return message?.content;
    messages.push(message);
    for (const call of message.tool_calls) {
      if (call.type !== "function") continue;
      const args = JSON.parse(call.function.arguments) as Record<string, unknown>;
      const { content } = await mcp.callTool({ name: call.function.name, arguments: args });
      messages.push({ role: "tool", tool_call_id: call.id, content: JSON.stringify(content) });
    }
  }
});
console.log(answer);
