import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { declareTools } from "@plumbline/instrumentation/langchain";
import { z } from "zod";
import { declared, type Shop, toolNames } from "./shop.ts";
import type { Ask } from "./suite.ts";

/** A graph whose tools are those of the shop. */
export function langGraphAgent(shop: { model: { baseUrl: string }; perform: Shop["perform"] }): Ask {
  declareTools(declared);
  const tools = toolNames.map((name) =>
    tool(({ order }: { order: number }) => shop.perform(name, order), {
      name,
      schema: z.object({ order: z.number() }),
    }),
  );
  const model = new ChatOpenAI({
    model: "m",
    apiKey: "none",
    maxRetries: 0,
    configuration: { baseURL: shop.model.baseUrl },
  }).bindTools(tools);
  const graph = new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode("tools", new ToolNode(tools))
    .addEdge("__start__", "agent")
    .addConditionalEdges("agent", toolsCondition)
    .addEdge("tools", "agent")
    .compile();
  return async (question) => {
    const { messages } = await graph.invoke({ messages: [new HumanMessage(question)] });
    return messages.at(-1)?.text ?? "";
  };
}
