import { tool } from "@langchain/core/tools";
import { supervise } from "@plumbline/instrumentation";
import { expect, it } from "vitest";
import { z } from "zod";
import { langGraphAgent } from "./langgraph-agent.ts";
import { stagesSuite } from "./stages-suite.ts";

stagesSuite({
  stack: "LangGraph",
  start: langGraphAgent,
  more(shop, inRun) {
    it("is neither called nor asked about where the arguments don't fit, and the model reads what is wrong", async () => {
      const decide = () => ({ decision: "approved" as const });
      const heard = await inRun("r-unfit", "refund 4 none", { approvals: { from: "high", decide } });
      expect(heard).toContain("The arguments of refund don't fit its parameters.");
      expect(heard).toContain("order: ");
      expect(shop().made).toEqual([]);
      expect(shop().server.eventsOf("plumbline.approval.request", "r-unfit")).toEqual([]);
    });

    it("throws what it throws, and what a stage says, where the application itself calls it", async () => {
      const failure = new Error("not that one");
      const direct = tool(() => Promise.reject(failure), {
        name: "direct",
        schema: z.object({ a: z.string() }),
      });
      await supervise({ name: "agent" }, async () => {
        await expect(direct.invoke({ a: "x" })).rejects.toBe(failure);
        await expect(direct.invoke({ a: 1 } as never)).rejects.toThrow("The arguments of direct don't fit");
      });
    });
  },
});
