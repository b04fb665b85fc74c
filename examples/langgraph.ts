import "@plumbline/instrumentation/langchain";
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { MemorySaver, MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { z } from "zod";

const findOrders = tool(({ q }: { q: string }) => JSON.stringify({ rows: [`order 1042 of ${q}`] }), {
  name: "find_orders",
  schema: z.object({ q: z.string() }),
});
const model = new ChatOpenAI({ model: "gpt-5-mini" }).bindTools([findOrders]);
const graph = new StateGraph(MessagesAnnotation)
  .addNode("agent", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
  .addNode("tools", new ToolNode([findOrders]))
  .addEdge("__start__", "agent")
  .addConditionalEdges("agent", toolsCondition)
  .addEdge("tools", "agent")
  .compile({ checkpointer: new MemorySaver() });

const question = new HumanMessage("Which order did ada@example.com place last?");
const { messages } = await graph.invoke({ messages: [question] }, { configurable: { thread_id: "ada-1" } });
console.log(messages.at(-1)?.text);
