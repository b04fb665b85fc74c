import { tool } from "@langchain/core/tools";
import { declareTools } from "@plumbline/instrumentation/langchain";
import { z } from "zod";
import { declared, type Shop, toolNames } from "./shop.ts";
import { askGraph } from "./langgraph-graph.ts";
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
  return askGraph(shop.model.baseUrl, tools);
}
