import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type Directive, isTerminal, messageOf, systemClock } from "@plumbline/contracts";
import { createSeededRandom } from "@plumbline/contracts/testing";
import { describe, expect, it, vi } from "vitest";
import { sourceFlags } from "../source-flags.ts";
import type { OperatorClient } from "../../packages/cli/src/api/operator-client.ts";
import { startDemoModel } from "../../packages/cli/src/demo/demo-model.ts";
import { agentProcessVariable, runIdOf } from "../../packages/cli/src/demo/demo-protocol.ts";
import { type OperatorContext, playOperator } from "../../packages/cli/src/demo/operator.ts";
import { startOrderService, type ServiceCounts } from "../../packages/cli/src/demo/order-service.ts";
import { createRunBoard, type RunBoard } from "../../packages/cli/src/demo/run-board.ts";
import type { Scenario } from "../../packages/cli/src/demo/scenario.ts";
import { createScenarios } from "../../packages/cli/src/demo/scenarios.ts";
import { createVariation } from "../../packages/cli/src/demo/variation.ts";
import { judge, type Verdict } from "../../packages/cli/src/demo/verdict.ts";
import { directivesAt } from "../services/support/held-directives.ts";
import { environmentOf } from "./support/plumbline-process.ts";
import { serveUp } from "./support/up-process.ts";

/** Twenty take several minutes; the tier that every change runs takes one. */
const crashes = Number(process.env["PLUMBLINE_CRASHES"] ?? 1);
const crashesPerRound = 3;
const random = createSeededRandom(Number(process.env["PLUMBLINE_SEED"] ?? 1));
const agentEntry = fileURLToPath(
  new URL("../../packages/cli/src/demo/agent-process/main.ts", import.meta.url),
);

const up = await serveUp();
const { client } = up;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** An operator who asks again until somebody answers: the server may be down just now. */
async function persist<Result>(ask: () => Promise<Result>, signal: AbortSignal): Promise<Result> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted || (error as { nextMove?: string }).nextMove === "reject") throw error;
      await sleep(100);
    }
  }
}

function persistent(client: OperatorClient, signal: AbortSignal): OperatorClient {
  return { ...client, command: (runId, request) => persist(() => client.command(runId, request), signal) };
}

const directivesOf = (runIds: readonly string[]): Promise<Map<string, Directive>> =>
  directivesAt(up.otlpUrl, runIds);

/** A killed run is killed, a paused one is not running by itself, and no directive went back. */
async function expectHeld(before: ReadonlyMap<string, Directive>, runIds: readonly string[]): Promise<void> {
  const after = await directivesOf(runIds);
  for (const [runId, { desired, generation }] of before) {
    const now = after.get(runId);
    expect(now?.generation, runId).toBeGreaterThanOrEqual(generation);
    if (now?.generation === generation || desired === "killed") expect(now?.desired, runId).toBe(desired);
  }
}

interface Round {
  scenarios: readonly Scenario[];
  runIds: readonly string[];
  runPrefix: string;
}

async function crashAndRestart({ runIds }: Round): Promise<void> {
  await sleep(300 + random.next() * 2_500);
  const before = await directivesOf(runIds);
  await up.killAndRestart();
  await vi.waitFor(() => expectHeld(before, runIds), { timeout: 15_000, interval: 100 });
}

function startAgents(
  round: Round,
  urls: { serviceUrl: string; modelUrl: string; seed: number },
): ChildProcess {
  return fork(agentEntry, [], {
    execArgv: sourceFlags,
    env: {
      ...process.env,
      ...environmentOf(up.place),
      // A call that a guard of the agent answers by itself is a step, and the service never hears of it.
      PLUMBLINE_LOOP_GUARD: "off",
      [agentProcessVariable.seed]: String(urls.seed),
      [agentProcessVariable.serviceUrl]: urls.serviceUrl,
      [agentProcessVariable.modelUrl]: urls.modelUrl,
      [agentProcessVariable.runPrefix]: round.runPrefix,
    },
  });
}

/** An agent that goes on through an outage runs out of rewordings and begins again with the first. */
function withOutages(scenario: Scenario): Scenario {
  const { expected } = scenario;
  const findings: Scenario["expected"]["findings"] = expected.findings.includes("semantic-loop")
    ? [...expected.findings, "exact-loop", "no-progress"]
    : expected.findings;
  return { ...scenario, expected: { ...expected, findings } };
}

/** A nudge can meet an outage; what the agent did meanwhile may get it paused. A person who looks lets it go on. */
async function resumeUnattended(context: OperatorContext, scenario: Scenario, runId: string): Promise<void> {
  if (scenario.operator.deed !== "none") return;
  await context.board.until(runId, (run) => run.status === "paused", context.signal);
  await context.client.command(runId, {
    verb: "resume",
    message: "It has its nudge.",
    say: null,
    limits: null,
  });
}

/** How far a run has come and what it was told, with the seconds since each: whether it is stuck or only late. */
async function lately(runId: string): Promise<string> {
  const { run, commands } = await client.run(runId);
  const ago = (atMs: number): string => `${((systemClock.nowMs() - atMs) / 1_000).toFixed(1)} s ago`;
  const told = commands.map(({ command }) => `${command.verb} ${ago(command.issuedAtMs)}`);
  return `${runId}: ${run.status}, step ${String(run.lastSequence)}, heard of ${ago(run.lastSeenAtMs)}, ${told.join(", ")}`;
}

/** @param gaveUp what the operator was refused, told where a run stays open */
async function untilOver(board: RunBoard, { runIds }: Round, gaveUp: readonly string[]): Promise<void> {
  const open = (): string[] => runIds.filter((runId) => !isTerminal(board.get(runId)?.status ?? "running"));
  const isOver = async (): Promise<void> => {
    await board.refresh();
    expect(open()).toEqual([]);
  };
  await vi.waitFor(isOver, { timeout: 60_000, interval: 200 }).catch(async (error: unknown) => {
    const stories = await Promise.all(open().map(lately));
    throw new Error([...stories, ...gaveUp].join("\n"), { cause: error });
  });
}

/** Calls of each tool that stand in the tables, by what the service counts them as. */
async function storedCalls(client: OperatorClient, runPrefix: string): Promise<Record<string, number>> {
  const { rows } = await client.sql(
    `SELECT Name, uniqExact(StepId) AS Calls FROM (SELECT * FROM steps FINAL) WHERE Kind = 'tool' AND NOT Retracted AND RunId LIKE '${runPrefix}%' GROUP BY Name`,
  );
  return Object.fromEntries(rows.map((row) => [String(row["Name"]), Number(row["Calls"])]));
}

function expectSameCounts(calls: Record<string, number>, counts: ServiceCounts): void {
  const { find_orders = 0, search_handbook = 0, read_job = 0, send_mail = 0, refund_order = 0 } = calls;
  expect({
    searches: find_orders + search_handbook,
    polls: read_job,
    mails: send_mail,
    refunds: refund_order,
  }).toEqual({
    searches: counts.searches,
    polls: counts.polls,
    mails: counts.mails,
    refunds: counts.refunds + counts.refusedRefunds,
  });
}

async function expectNothingTwice(client: OperatorClient, runPrefix: string): Promise<void> {
  const { rows } = await client.sql(
    `SELECT FindingId, count() AS Times FROM (SELECT * FROM findings FINAL) WHERE RunId LIKE '${runPrefix}%' GROUP BY FindingId HAVING Times > 1`,
  );
  expect(rows).toEqual([]);
  const commands = await client.sql(
    `SELECT FindingId, Verb, uniqExact(CommandId) AS Times FROM commands WHERE RunId LIKE '${runPrefix}%' AND FindingId IS NOT NULL GROUP BY FindingId, Verb HAVING Times > 1`,
  );
  expect(commands.rows).toEqual([]);
}

/**
 * The demo once, with the server killed and started again while its agents work.
 * @returns verdicts on agents that did not end as expected
 */
async function playRound(seed: number, roundCrashes: number): Promise<Verdict[]> {
  const scenarios = createScenarios(createVariation(seed)).map(withOutages);
  const runPrefix = `crash-${String(seed)}`;
  const round = { scenarios, runPrefix, runIds: scenarios.map(({ name }) => runIdOf(runPrefix, name)) };
  const service = await startOrderService();
  const model = await startDemoModel(scenarios);
  const board = createRunBoard(client, systemClock);
  const over = new AbortController();
  const agents = startAgents(round, { serviceUrl: service.url, modelUrl: model.baseUrl, seed });
  const operator = {
    client: persistent(client, over.signal),
    board,
    clock: systemClock,
    signal: over.signal,
  };
  const gaveUp: string[] = [];
  const operating = scenarios.flatMap((scenario) =>
    [playOperator, resumeUnattended].map((part) =>
      part(operator, scenario, runIdOf(runPrefix, scenario.name)).catch(
        (error: unknown) => void gaveUp.push(`${scenario.name}: ${messageOf(error)}`),
      ),
    ),
  );
  const looking = setInterval(() => void board.refresh().catch(() => undefined), 100);
  try {
    for (let crash = 0; crash < roundCrashes; crash += 1) await crashAndRestart(round);
    await untilOver(board, round, gaveUp);
    return await vi.waitFor(
      async () => {
        expectSameCounts(await storedCalls(client, runPrefix), service.counts());
        const verdicts = await Promise.all(
          scenarios.map(async (scenario) =>
            judge(scenario, await client.run(runIdOf(runPrefix, scenario.name)), service.counts()),
          ),
        );
        await expectNothingTwice(client, runPrefix);
        const unexpected = verdicts.filter(({ passed }) => !passed);
        expect(unexpected).toEqual([]);
        return unexpected;
      },
      { timeout: 20_000, interval: 500 },
    );
  } finally {
    clearInterval(looking);
    over.abort();
    await Promise.all(operating);
    agents.kill();
    await Promise.all([model.close(), service.close()]);
  }
}

describe("the demo's agents while plumbline up is killed and started again", () => {
  it(
    `end as expected, each action counted by the service once, over ${String(crashes)} crashes`,
    { timeout: 60_000 + crashes * 40_000 },
    async () => {
      for (let done = 0, seed = 1; done < crashes; done += crashesPerRound, seed += 1)
        expect(await playRound(seed, Math.min(crashesPerRound, crashes - done))).toEqual([]);
    },
  );
});
