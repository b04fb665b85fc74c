import { type Run, supervise } from "@plumbline/instrumentation";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { CrashAgentStart } from "./crash-agent.ts";
import { langGraphAgent } from "./langgraph-agent.ts";
import { openShop, type Shop } from "./shop.ts";
import type { Ask } from "./suite.ts";

const program = fileURLToPath(new URL("./crash-agent.ts", import.meta.url));
const flags = ["--conditions=@plumbline/source", "--disable-warning=ExperimentalWarning"];

let shop: Shop;
let ask: Ask;

beforeAll(async () => {
  shop = await openShop();
  ask = langGraphAgent(shop);
});
afterEach(() => {
  shop.made.length = 0;
});
afterAll(() => shop.close());

/** An agent of the same data directory, in a process of its own; gives the signal that it died of. */
async function runAgent(given: Pick<CrashAgentStart, "question" | "runId" | "dies">): Promise<unknown> {
  const { server, model, directory: dataDirectory } = shop;
  const start: CrashAgentStart = { endpoint: server.url, modelUrl: model.baseUrl, dataDirectory, ...given };
  const child = spawn(process.execPath, [...flags, program, JSON.stringify(start)], { stdio: "inherit" });
  const [, signal] = (await once(child, "close")) as unknown[];
  return signal;
}

async function crash(question: string, runId: string | null): Promise<void> {
  expect(await runAgent({ question, runId, dies: true })).toBe("SIGKILL");
}

const phasesOf = (runId: string): string[] =>
  shop.server.eventsOf("plumbline.checkpoint", runId).map(({ checkpoint }) => checkpoint.phase);

describe("a process that dies in the middle of a framework's tool", () => {
  it("leaves the call in flight, and the resumed run makes it again under the same key", async () => {
    await crash("refund 1 7", "r-died");
    const resumed = async (run: Run) => ({ inFlight: run.inFlight(), heard: await ask("refund 1 7") });
    const { inFlight, heard } = await supervise({ name: "agent", resume: "r-died" }, resumed);
    expect(inFlight).toHaveLength(1);
    expect(inFlight[0]).toMatchObject({ toolName: "refund", arguments: '{"order":7}' });
    expect(heard).toContain("order 7: refund done");
    expect(shop.made).toEqual([{ name: "refund", order: 7, key: inFlight[0]?.idempotencyKey }]);
    await shop.server.waitFor("all is told", () => phasesOf("r-died").includes("action-done"));
    expect(phasesOf("r-died").at(0)).toBe("action-started");
  });

  it("has a person asked before it is made again, where people are asked", async () => {
    await crash("refund 1 8", "r-doubt");
    const asked: boolean[] = [];
    const decide = ({ wasInFlight }: { wasInFlight: boolean }) => {
      asked.push(wasInFlight);
      return { decision: "denied" as const };
    };
    const options = { name: "agent", resume: "r-doubt", approvals: { from: "high", decide } } as const;
    const heard = await supervise(options, () => ask("refund 1 8"));
    expect(asked).toEqual([true]);
    expect(heard).toContain("OUTCOME_UNKNOWN");
    expect(shop.made).toEqual([]);
  });

  it("has told the server what was under way where nobody supervised the agent", async () => {
    await crash("print 1 9", null);
    // The next process of the machine brings what the dead one had to say.
    expect(await runAgent({ question: "look 1 1", runId: null, dies: false })).toBeNull();
    const printed = () =>
      shop.server
        .eventsOf("plumbline.checkpoint")
        .filter(({ checkpoint }) => checkpoint.toolName === "print");
    await shop.server.waitFor("it is told", () => printed().length > 0);
    expect(printed().map(({ checkpoint }) => [checkpoint.phase, checkpoint.arguments])).toEqual([
      ["action-started", '{"order":9}'],
    ]);
  });
});
