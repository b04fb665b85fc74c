import { HumanMessage } from "@langchain/core/messages";
import type { StructuredToolInterface } from "@langchain/core/tools";
import { type BaseCheckpointSaver, MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import type { Ask } from "./suite.ts";

/** A graph of LangGraph as its documentation builds one: a model, its tools, and the way back. */
export function compiledGraph(
  baseURL: string,
  tools: StructuredToolInterface[],
  checkpointer?: BaseCheckpointSaver,
) {
  const model = new ChatOpenAI({
    model: "m",
    apiKey: "none",
    maxRetries: 0,
    configuration: { baseURL },
  }).bindTools(tools);
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode("tools", new ToolNode(tools))
    .addEdge("__start__", "agent")
    .addConditionalEdges("agent", toolsCondition)
    .addEdge("tools", "agent")
    .compile(checkpointer === undefined ? {} : { checkpointer });
}

/** An agent that is such a graph. */
export function askGraph(baseURL: string, tools: StructuredToolInterface[]): Ask {
  const graph = compiledGraph(baseURL, tools);
  return async (question) => {
    const { messages } = await graph.invoke({ messages: [new HumanMessage(question)] });
    return messages.at(-1)?.text ?? "";
  };
}
