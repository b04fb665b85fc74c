import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { instrumentOpenAI } from "@plumbline/instrumentation";
import { instrumentMcpClient } from "@plumbline/instrumentation/mcp";
import OpenAI from "openai";
import { z } from "zod";
import { declared, type Shop, toolNames } from "./shop.ts";
import { stagesSuite } from "./stages-suite.ts";
import type { Ask } from "./suite.ts";

async function connect(shop: Shop): Promise<Client> {
  const server = new McpServer({ name: "shop", version: "1" });
  for (const name of toolNames) {
    server.registerTool(name, { inputSchema: { order: z.number() } }, async ({ order }, { _meta }) => {
      const key = String(_meta?.["plumbline/idempotencyKey"]);
      return { content: [{ type: "text", text: await shop.perform(name, order, key) }] };
    });
  }
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: "agent", version: "1" });
  await Promise.all([server.connect(theirs), client.connect(ours)]);
  return client;
}

async function start(shop: Shop): Promise<Ask> {
  const mcp = instrumentMcpClient(await connect(shop), declared);
  const openai = instrumentOpenAI(new OpenAI({ apiKey: "none", baseURL: shop.model.baseUrl }));
  const tools = (await mcp.listTools()).tools.map(({ name, inputSchema }) => ({
    type: "function" as const,
    function: { name, parameters: inputSchema },
  }));
  return async (question) => {
    const messages: OpenAI.Chat.ChatCompletionMessageParam[] = [{ role: "user", content: question }];
    for (;;) {
      const reply = await openai.chat.completions.create({ model: "m", messages, tools });
      const message = reply.choices[0]?.message;
      if (message?.tool_calls === undefined) return message?.content ?? "";
      messages.push(message);
      for (const call of message.tool_calls) {
        if (call.type !== "function") continue;
        const args = JSON.parse(call.function.arguments) as Record<string, unknown>;
        const { content } = await mcp.callTool({ name: call.function.name, arguments: args });
        messages.push({ role: "tool", tool_call_id: call.id, content: JSON.stringify(content) });
      }
    }
  };
}

stagesSuite({ stack: "an MCP client", start });
