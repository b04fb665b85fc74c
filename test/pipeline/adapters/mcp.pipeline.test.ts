import Anthropic from "@anthropic-ai/sdk";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { InMemoryTransport } from "@modelcontextprotocol/sdk/inMemory.js";
import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { instrumentAnthropic } from "@plumbline/instrumentation/anthropic";
import { instrumentMcpClient } from "@plumbline/instrumentation/mcp";
import { z } from "zod";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

/** An MCP server with the one tool, and a client of it. */
async function connect(live: Live): Promise<Client> {
  const server = new McpServer({ name: "shop", version: "1" });
  const inputSchema = { q: z.string(), turn: z.number() };
  server.registerTool("find_orders", { description: "Finds orders.", inputSchema }, async ({ q }) => ({
    content: [{ type: "text", text: await live.findOrders(q) }],
  }));
  const [ours, theirs] = InMemoryTransport.createLinkedPair();
  const client = new Client({ name: "agent", version: "1" });
  await Promise.all([server.connect(theirs), client.connect(ours)]);
  return client;
}

/** A loop over a model client that leaves its tools to an MCP server. */
async function start(live: Live): Promise<Ask> {
  const mcp = instrumentMcpClient(await connect(live));
  const baseURL = live.model.baseUrl.replace(/\/v1$/u, "");
  const anthropic = instrumentAnthropic(new Anthropic({ apiKey: "none", baseURL }));
  const offered = await mcp.listTools();
  const tools: Anthropic.Tool[] = offered.tools.map(({ name, inputSchema }) => ({
    name,
    input_schema: inputSchema as Anthropic.Tool.InputSchema,
  }));
  return async (question) => {
    const messages: Anthropic.MessageParam[] = [{ role: "user", content: question }];
    for (;;) {
      const reply = await anthropic.messages.create({ model: "m", max_tokens: 100, messages, tools });
      messages.push({ role: "assistant", content: reply.content });
      const calls = reply.content.filter((block) => block.type === "tool_use");
      if (calls.length === 0)
        return reply.content.map((block) => (block.type === "text" ? block.text : "")).join("");
      const results = calls.map(async (call) => {
        const args = call.input as Record<string, unknown>;
        const { content } = await mcp.callTool({ name: call.name, arguments: args });
        return {
          type: "tool_result" as const,
          tool_use_id: call.id,
          content: content as Anthropic.TextBlockParam[],
        };
      });
      messages.push({ role: "user", content: await Promise.all(results) });
    }
  };
}

adapterSuite({ stack: "an MCP client under the Anthropic SDK", start, concurrent: 50 });
