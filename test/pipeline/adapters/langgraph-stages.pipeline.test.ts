import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { Command, interrupt, MemorySaver } from "@langchain/langgraph";
import { supervise } from "@plumbline/instrumentation";
import { expect, it } from "vitest";
import { z } from "zod";
import type { TestServer } from "../instrumentation-harness.ts";
import { langGraphAgent } from "./langgraph-agent.ts";
import { compiledGraph } from "./langgraph-graph.ts";
import { stagesSuite } from "./stages-suite.ts";

const audits = (server: TestServer) =>
  server.eventsOf("plumbline.audit", "r-interrupted").map(({ record }) => record);

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

    it("that asks a person by `interrupt` waits for the answer and has not failed", async () => {
      const paid: string[] = [];
      const pay = tool(
        ({ order }: { order: number }) => {
          const said: unknown = interrupt(`pay order ${String(order)}?`);
          paid.push(String(said));
          return `paid by ${String(said)}`;
        },
        { name: "refund", schema: z.object({ order: z.number() }) },
      );
      const graph = compiledGraph(shop().model.baseUrl, [pay], new MemorySaver());
      const config = { configurable: { thread_id: "interrupted" } };
      const messages = [new HumanMessage("refund 1 7")];
      const heard = await supervise({ name: "agent", runId: "r-interrupted" }, async () => {
        const waiting = await graph.invoke({ messages }, config);
        expect(waiting).toHaveProperty("__interrupt__");
        expect(paid).toEqual([]);
        return graph.invoke(new Command({ resume: "ana" }), config);
      });
      expect(heard.messages.at(-1)?.text).toBe("heard: paid by ana");
      expect(paid).toEqual(["ana"]);
      const { server } = shop();
      await server.waitFor("both were told", () => audits(server).length === 2);
      expect(audits(server).map(({ compliance }) => compliance.outcome)).toEqual([
        "interrupted",
        "succeeded",
      ]);
      expect(new Set(audits(server).map(({ technical }) => technical.idempotencyKey)).size).toBe(1);
      const ends = server.eventsOf("plumbline.step.end", "r-interrupted");
      expect(ends.filter(({ error }) => error !== null)).toEqual([]);
      const phases = server.eventsOf("plumbline.checkpoint", "r-interrupted");
      expect(phases.map(({ checkpoint }) => checkpoint.phase)).toEqual([
        "action-started",
        "cleared",
        "action-started",
        "action-done",
      ]);
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
