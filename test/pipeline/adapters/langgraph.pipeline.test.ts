import "@plumbline/instrumentation/langchain";
import { tool } from "@langchain/core/tools";
import { z } from "zod";
import type { Live } from "./live.ts";
import { askGraph } from "./langgraph-graph.ts";
import { adapterSuite, type Ask } from "./suite.ts";

function start(live: Live): Ask {
  const findOrders = tool(({ q }: { q: string }) => live.findOrders(q), {
    name: "find_orders",
    schema: z.object({ q: z.string(), turn: z.number() }),
  });
  return askGraph(live.model.baseUrl, [findOrders]);
}

adapterSuite({ stack: "LangGraph", start, concurrent: 50 });
