import { ApprovalDeniedError, resumableRuns, supervise } from "@plumbline/instrumentation";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Ask } from "./suite.ts";
import { openShop, type Shop, type ToolName } from "./shop.ts";

export interface StagesSuite {
  stack: string;
  /** Builds the agent, whose tools are `shop.perform`, declared by `declared` in the adapter's one call. */
  start: (shop: Shop) => Ask | Promise<Ask>;
  /** Whether the framework hands its tools the arguments that a person puts in the place of the model's. Default: true. */
  takesEdits?: boolean;
  /** What holds for this stack only. */
  more?: (shop: () => Shop, inRun: InRun) => void;
}

/** Asks the agent in a run of its own. */
export type InRun = (runId: string, question: string, options?: object) => Promise<string>;

const unavailable = (): never => {
  throw new Error("503, the service is temporarily unavailable");
};

/** What holds for the tools of every stack, as for those of `run.tool`. */
export function stagesSuite({ stack, start, takesEdits = true, more }: StagesSuite): void {
  let shop: Shop;
  let ask: Ask;

  beforeAll(async () => {
    shop = await openShop();
    ask = await start(shop);
  });
  afterEach(() => {
    shop.works.clear();
    shop.made.length = 0;
  });
  afterAll(() => shop.close());

  const callsOf = (name: ToolName) => shop.made.filter((call) => call.name === name);
  const inRun: InRun = (runId, question, options = {}) =>
    supervise({ name: "agent", runId, ...options }, () => ask(question));
  const auditsOf = (runId: string) =>
    shop.server.eventsOf("plumbline.audit", runId).map(({ record }) => record);

  describe(`a tool of ${stack}`, () => {
    it("that can't be undone waits for a person's yes", async () => {
      const asked = Promise.withResolvers<string>();
      const decided = Promise.withResolvers<{ decision: "approved"; by: string }>();
      const decide = (request: { toolName: string; arguments: string; reversible: boolean }) => {
        expect(request).toMatchObject({ toolName: "refund", reversible: false });
        asked.resolve(request.arguments);
        return decided.promise;
      };
      const answered = inRun("r-waits", "refund 1 7", { approvals: { from: "high", decide } });
      expect(JSON.parse(await asked.promise)).toEqual({ order: 7 });
      expect(callsOf("refund")).toEqual([]);
      decided.resolve({ decision: "approved", by: "user:ana" });
      expect(await answered).toContain("order 7: refund done");
      expect(callsOf("refund")).toHaveLength(1);
      await shop.server.waitFor("its record came", () => auditsOf("r-waits").length === 1);
      expect(auditsOf("r-waits")[0]?.compliance).toMatchObject({
        action: "Pays an order back",
        dataModified: ["payments"],
        risk: "high",
        outcome: "succeeded",
      });
      expect(auditsOf("r-waits")[0]?.compliance.authorisedBy).toContain("user:ana");
    });

    it("that a person does not allow is not called, and the model reads why", async () => {
      const decide = () => ({ decision: "denied" as const, by: "user:ana", message: "she was paid" });
      const heard = await inRun("r-denied", "refund 1 7", { approvals: { from: "high", decide } });
      expect(heard).toContain("APPROVAL_DENIED");
      expect(heard).toContain("she was paid");
      expect(callsOf("refund")).toEqual([]);
    });

    it("that a person does not allow ends the run where that is asked for", async () => {
      const decide = () => ({ decision: "denied" as const, message: "never" });
      const approvals = { from: "high", onDenied: "stop", decide };
      await expect(inRun("r-stopped", "refund 1 7", { approvals })).rejects.toBeInstanceOf(
        ApprovalDeniedError,
      );
      expect(callsOf("refund")).toEqual([]);
    });

    it.skipIf(!takesEdits)("gets the arguments that a person put in the place of the model's", async () => {
      const decide = () => ({ decision: "approved" as const, editedArguments: { order: 70 } });
      const heard = await inRun("r-edited", "refund 1 7", { approvals: { from: "high", decide } });
      expect(heard).toContain("order 70: refund done");
      expect(callsOf("refund").map(({ order }) => order)).toEqual([70]);
    });

    it("is asked about only where somebody set a level", async () => {
      expect(await inRun("r-unasked", "refund 1 7")).toContain("order 7: refund done");
      expect(shop.server.eventsOf("plumbline.approval.request", "r-unasked")).toEqual([]);
    });

    it("leaves an audit record and, unless it is safe, a checkpoint for each call", async () => {
      await inRun("r-recorded", "print 2 1");
      await inRun("r-looked", "look 1 1");
      const phasesOf = (runId: string) =>
        shop.server.eventsOf("plumbline.checkpoint", runId).map(({ checkpoint }) => checkpoint.phase);
      const both = ["action-started", "action-done"];
      await shop.server.waitFor("all came", () => phasesOf("r-recorded").length === 4);
      expect(phasesOf("r-recorded")).toEqual([...both, ...both]);
      expect(auditsOf("r-recorded").map(({ technical }) => technical.input)).toEqual([
        '{"order":1}',
        '{"order":2}',
      ]);
      await shop.server.waitFor("its record came", () => auditsOf("r-looked").length === 1);
      expect(phasesOf("r-looked")).toEqual([]);
    });

    it("whose breaker is open answers the model with what is the matter", async () => {
      shop.works.set("print", unavailable);
      const heard = await inRun("r-broken", "print 4 1");
      expect(shop.made).toHaveLength(3);
      expect(heard).toContain("The tool was not called: it failed 3 times in a row");
    });

    it("has its result cut where a length is declared, and nowhere else", async () => {
      const long = "x".repeat(1000);
      for (const name of ["look", "print"] as const) shop.works.set(name, () => long);
      const cut = await inRun("r-cut", "look 1 1");
      expect(cut).toContain("characters cut here");
      expect(cut).not.toContain(long);
      expect(await inRun("r-whole", "print 1 1")).toContain(long);
    });

    it("has a key for each call, the same for its retries, which are made where they are declared", async () => {
      shop.works.set("fetch", () => (callsOf("fetch").length < 3 ? unavailable() : "fetched"));
      expect(await inRun("r-retried", "fetch 1 1")).toContain("fetched");
      expect(new Set(callsOf("fetch").map(({ key }) => key)).size).toBe(1);
      shop.works.set("print", unavailable);
      await inRun("r-once", "print 2 1");
      expect(callsOf("print")).toHaveLength(2);
      const keys = new Set(shop.made.map(({ key }) => key));
      expect(keys.size).toBe(3);
      expect(keys).not.toContain(undefined);
    });

    it("is not called again for a call that the resumed run makes again", async () => {
      const failing = supervise({ name: "agent", runId: "r-again" }, async () => {
        await ask("refund 1 7");
        throw new Error("the process had enough");
      });
      await expect(failing).rejects.toThrow("had enough");
      const [first] = callsOf("refund");
      const heard = await supervise({ name: "agent", resume: "r-again" }, () => ask("refund 2 7"));
      expect(heard).toContain("order 8: refund done");
      expect(callsOf("refund").map(({ order }) => order)).toEqual([7, 8]);
      expect(callsOf("refund")[1]?.key).not.toBe(first?.key);
      const read = shop.model.requests.at(-1)?.messages.filter(({ role }) => role === "tool");
      expect(read?.map(({ text }) => text)).toEqual([
        expect.stringContaining("order 7: refund done"),
        expect.stringContaining("order 8: refund done"),
      ]);
    });

    it("is recorded without `supervise` too, in a run that nobody can resume", async () => {
      const heard = await ask("print 1 4711");
      expect(heard).toContain("order 4711: print done");
      const goals = () =>
        shop.server.eventsOf("plumbline.run.start").filter(({ goal }) => goal?.includes("4711"));
      await vi.waitFor(() => expect(goals()).toHaveLength(1), 5000);
      const runId = goals()[0]?.runId ?? "";
      await shop.server.waitFor("its record came", () => auditsOf(runId).length === 1);
      expect(shop.server.eventsOf("plumbline.checkpoint", runId)).toHaveLength(2);
      expect((await resumableRuns()).map((run) => run.runId)).not.toContain(runId);
    });

    more?.(() => shop, inRun);
  });
}
