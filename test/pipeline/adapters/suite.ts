import { RunKilledError, runStoppedIn } from "@plumbline/instrumentation";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type Live, startLive } from "./live.ts";

/** An agent of some stack with one tool `find_orders(q, turn)`, to be run on a question to its answer. */
export type Ask = (question: string) => Promise<string>;

export interface AdapterSuite {
  stack: string;
  /** Builds the agent once Plumbline, the model and the tool are there. */
  start: (live: Live) => Ask | Promise<Ask>;
  /** How many conversations run at once in one process; 0 leaves that out. */
  concurrent: number;
  /** What holds for this stack only. */
  more?: (live: () => Live) => void;
}

const reasonOf = (settled: PromiseSettledResult<string>): unknown =>
  settled.status === "rejected" ? runStoppedIn(settled.reason) : settled.value;

/** What holds for an unchanged agent of every stack once its adapter is in place. */
export function adapterSuite({ stack, start, concurrent, more }: AdapterSuite): void {
  let live: Live;
  let ask: Ask;

  beforeAll(async () => {
    live = await startLive();
    ask = await start(live);
  });
  afterAll(() => live.close());

  describe(`an agent on ${stack}`, () => {
    it("is seen as a run whose steps are its calls, once each", async () => {
      live.scripts.set("seen", { turns: 2 });
      expect(await ask("seen 1")).toContain("answer to seen 1");
      const { steps } = await live.seen(await live.runOf("seen 1"), (detail) => {
        expect(detail.steps.map(({ kind }) => kind).toSorted()).toEqual([
          "model",
          "model",
          "model",
          "tool",
          "tool",
        ]);
        expect(detail.steps.every(({ state }) => state === "ended")).toBe(true);
      });
      const usages = steps.flatMap(({ model }) => model?.usage ?? []);
      expect(usages.map(({ inputTokens }) => inputTokens).toSorted((a, b) => a - b)).toEqual([100, 101, 102]);
      expect(usages.every(({ estimated, outputTokens }) => !estimated && outputTokens === 10)).toBe(true);
      expect(steps.flatMap(({ model, dialect }) => (model === null ? [] : [dialect]))).toEqual(
        usages.map(() => "plumbline"),
      );
      const calls = steps.filter(({ kind }) => kind === "tool");
      expect(calls.map(({ name }) => name)).toEqual(["find_orders", "find_orders"]);
      const asked = calls.map(({ tool }) => JSON.parse(tool?.arguments ?? "{}") as { turn: number });
      expect(asked.toSorted((a, b) => a.turn - b.turn)).toEqual(
        [0, 1].map((turn) => ({ q: "seen 1", turn })),
      );
      expect(calls.every(({ tool }) => tool?.result?.includes("order of seen 1"))).toBe(true);
      expect(live.requestsFor("seen 1")).toHaveLength(3);
    });

    it("is killed in the middle of a model call, which is broken off", async () => {
      live.scripts.set("killed", { turns: 1, delayMs: (turn) => (turn === 1 ? 60_000 : 0) });
      const settled = Promise.allSettled([ask("killed 1")]);
      await vi.waitFor(() => expect(live.requestsFor("killed 1")).toHaveLength(2), 10_000);
      const before = live.model.abortedAnswers;
      await live.command(await live.runOf("killed 1"), { verb: "kill", message: "enough" });
      const [outcome] = await settled;
      expect(outcome === undefined ? undefined : reasonOf(outcome)).toBeInstanceOf(RunKilledError);
      await vi.waitFor(() => expect(live.model.abortedAnswers).toBe(before + 1), 5_000);
      expect(live.requestsFor("killed 1")).toHaveLength(2);
    });

    it("makes no call while it is paused, and goes on when it is resumed", async () => {
      const release = live.hold("paused 1");
      const answered = ask("paused 1");
      await vi.waitFor(() => expect(live.asked).toContain("paused 1"), 10_000);
      const runId = await live.runOf("paused 1");
      await live.command(runId, { verb: "pause", message: "wait" });
      release();
      await live.seen(runId, ({ run }) => expect(run.status).toBe("paused"));
      expect(live.requestsFor("paused 1")).toHaveLength(1);
      await live.client.command(runId, { verb: "resume", message: "", say: null, limits: null });
      expect(await answered).toContain("answer to paused 1");
      expect(live.requestsFor("paused 1")).toHaveLength(2);
    });

    it("is nudged by one message after the tool's result", async () => {
      live.scripts.set("nudged", { turns: 2 });
      const release = live.hold("nudged 1");
      const answered = ask("nudged 1");
      await vi.waitFor(() => expect(live.asked).toContain("nudged 1"), 10_000);
      const runId = await live.runOf("nudged 1");
      await live.command(runId, { verb: "nudge", text: "Look at order 7.", message: "" });
      release();
      expect(await answered).toContain("answer to nudged 1");
      const conversations = live
        .requestsFor("nudged 1")
        .map(({ messages }) => messages.filter(({ role }) => role !== "system"))
        .map((messages) =>
          messages.map(({ role, text }) => (text.includes("Look at order 7.") ? "nudge" : role)),
        );
      expect(conversations).toEqual([
        ["user"],
        ["user", "assistant", "tool", "nudge"],
        ["user", "assistant", "tool", "nudge", "assistant", "tool"],
      ]);
      await live.seen(runId, ({ commands }) => {
        const acks = commands.flatMap(({ acknowledged }) => acknowledged);
        expect(acks.find(({ detail }) => detail === "put into the conversation")?.stepId).not.toBeNull();
      });
    });

    more?.(() => live);
  });

  describe.skipIf(concurrent === 0)(`${String(concurrent)} conversations at once on ${stack}`, () => {
    it("are as many runs, and a kill hits one", async () => {
      live.scripts.set("many", { turns: 3, delayMs: () => 20 });
      const questions = Array.from({ length: concurrent }, (_, index) => `many ${String(index)} of all`);
      const doomed = "many 17 of all";
      const release = live.hold(doomed);
      const settled = Promise.allSettled(questions.map((question) => ask(question)));
      await live.command(await live.runOf(doomed), { verb: "kill", message: "only this one" });
      release();
      const results = await settled;
      const answers = results.filter(({ status }) => status === "fulfilled");
      expect(answers).toHaveLength(concurrent - 1);
      expect(results.map((result) => reasonOf(result))[17]).toBeInstanceOf(RunKilledError);
      expect(live.requestsFor(doomed)).toHaveLength(1);
      await vi.waitFor(async () => {
        const { runs } = await live.client.runs({ limit: 200 });
        const goals = runs.map(({ goal }) => goal).filter((goal) => goal.includes("many"));
        expect(goals.toSorted()).toEqual(questions.toSorted());
      }, 10_000);
    });
  });
}
