import "@plumbline/instrumentation/langchain";
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { MemorySaver, MessagesAnnotation, StateGraph } from "@langchain/langgraph";
import { ToolNode, toolsCondition } from "@langchain/langgraph/prebuilt";
import { ChatOpenAI } from "@langchain/openai";
import { RunPausedError, supervise } from "@plumbline/instrumentation";
import { expect, it, vi } from "vitest";
import { z } from "zod";
import type { Live } from "./live.ts";
import { adapterSuite, type Ask } from "./suite.ts";

/** A graph whose threads are kept by a checkpointer. */
function graphOf(live: Live) {
  const findOrders = tool(({ q }: { q: string }) => live.findOrders(q), {
    name: "find_orders",
    schema: z.object({ q: z.string(), turn: z.number() }),
  });
  const model = new ChatOpenAI({
    model: "m",
    apiKey: "none",
    maxRetries: 0,
    streamUsage: true,
    configuration: { baseURL: live.model.baseUrl },
  }).bindTools([findOrders]);
  return new StateGraph(MessagesAnnotation)
    .addNode("agent", async ({ messages }) => ({ messages: [await model.invoke(messages)] }))
    .addNode("tools", new ToolNode([findOrders]))
    .addEdge("__start__", "agent")
    .addConditionalEdges("agent", toolsCondition)
    .addEdge("tools", "agent")
    .compile({ checkpointer: new MemorySaver() });
}

function start(live: Live): Ask {
  const graph = graphOf(live);
  return async (question) => {
    const config = { configurable: { thread_id: `thread of ${question}` }, streamMode: "messages" as const };
    let text = "";
    for await (const [message] of await graph.stream({ messages: [new HumanMessage(question)] }, config))
      text += message.text;
    return text;
  };
}

/** The run exits where it is paused; the graph keeps what it has done. */
function resumes(live: () => Live): void {
  it("leaves a paused graph to its checkpointer, from which it resumes", async () => {
    const graph = graphOf(live());
    const question = "exited 1";
    const options = { name: "finder", goal: question, runId: "r-exited", onPause: "exit" } as const;
    const config = { configurable: { thread_id: "exited" } };
    const release = live().hold(question);
    const first = supervise(options, () => graph.invoke({ messages: [new HumanMessage(question)] }, config));
    const settled = Promise.allSettled([first]);
    await vi.waitFor(() => expect(live().asked).toContain(question), 10_000);
    await live().runOf(question);
    await live().command("r-exited", { verb: "pause", message: "later" });
    release();
    const [outcome] = await settled;
    expect(outcome?.status === "rejected" && outcome.reason).toBeInstanceOf(RunPausedError);
    expect(live().requestsFor(question)).toHaveLength(1);
    await live().client.command("r-exited", { verb: "resume", message: "", say: null, limits: null });
    // Until the resume has been published, the run is still paused.
    const again = () => supervise(options, () => graph.invoke(null, config));
    const { messages } = await vi.waitFor(again, { timeout: 10_000, interval: 100 });
    expect(messages.at(-1)?.text).toBe(`answer to ${question}`);
    expect(live().asked.filter((asked) => asked === question)).toHaveLength(1);
    expect(live().requestsFor(question)).toHaveLength(2);
  });
}

adapterSuite({ stack: "a LangGraph with threads, streaming", start, concurrent: 0, more: resumes });
