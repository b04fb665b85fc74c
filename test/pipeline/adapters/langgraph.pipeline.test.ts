import "@plumbline/instrumentation/langchain";
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

function start(live: Live): Ask {
  const findOrders = tool(({ q }: { q: string }) => live.findOrders(q), {
    name: "find_orders",
    schema: z.object({ q: z.string(), turn: z.number() }),
  });
  const model = new ChatOpenAI({
    model: "m",
    apiKey: "none",
    maxRetries: 0,
    configuration: { baseURL: live.model.baseUrl },
  }).bindTools([findOrders]);
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode("tools", new ToolNode([findOrders]))
    .addEdge("__start__", "agent")
    .addConditionalEdges("agent", toolsCondition)
    .addEdge("tools", "agent")
    .compile();
  return async (question) => {
    const { messages } = await graph.invoke({ messages: [new HumanMessage(question)] });
    return messages.at(-1)?.text ?? "";
  };
}

adapterSuite({ stack: "LangGraph", start, concurrent: 50 });
