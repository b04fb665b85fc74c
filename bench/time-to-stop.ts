import { type RunDetail, systemClock, systemIds } from "@plumbline/contracts";
import { type AgentReport, longestRunMs } from "./support/agent-messages.ts";
import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { durablePostsMs } from "./support/durable-post.ts";
import { type LoadResult, startLoad } from "./support/load.ts";
import { summarise, type Summary } from "./support/percentiles.ts";
import type { Measurement, Report } from "./support/report.ts";
import { type Stack, startStack as startEmbedded } from "./support/stack.ts";
import { type BenchProcess, startModelProcess } from "./support/start-process.ts";
import { nextMessage, TimeLimit, within } from "./support/within.ts";

const defaultAgentsAtOnce = 5;
/** Under more flow than is taken in, rows lag behind verdicts; they are read once the flow has ended. */
const rowsWaitMs = 60_000;
const longestPostsMs = 5_000;

/** One run that the policy stopped. */
interface Stop {
  /** From the end of the deciding step to the closed gate: no call starts any more. */
  closedMs: number;
  /** To the moment when the call that was under way had ended as well. */
  stillMs: number;
  /** Calls that began after the deciding step. */
  callsAfter: number;
}

/** What one setting gave in one repetition. */
interface Round {
  stops: Stop[];
  /** Runs that were not stopped while they lasted, or whose rows never came. */
  missing: number;
}

interface Setting {
  latencyMs: number;
  runs: number;
  agentsAtOnce: number;
  /** After which a round ends with the runs that it had. */
  longestMs: number;
}

/** Everything that is measured at one rate. */
interface Rate {
  spansPerSecond: number;
  settings: readonly Setting[];
  warmUpRounds: number;
  repetitions: number;
}

/** Lets the agents run, some at a time; the runs that were begun. Ends when they are over, or at the limit. */
async function runAll(
  agents: BenchProcess<AgentReport>,
  { latencyMs, runs, agentsAtOnce }: Setting,
  limit: TimeLimit,
): Promise<string[]> {
  const begun: string[] = [];
  const runNext = async (): Promise<void> => {
    while (begun.length < runs && !limit.isOver) {
      const runId = `stuck-${systemIds.next()}`;
      begun.push(runId);
      const isOver = (message: AgentReport): boolean =>
        (message.kind === "stopped" || message.kind === "failed") && message.runId === runId;
      const over = nextMessage(agents.child, isOver, limit.leftMs);
      agents.child.send({ kind: "stuck", runId, model: `stuck-${String(latencyMs)}` });
      const report = await over;
      if (report?.kind === "failed") throw new Error(report.error);
    }
  };
  await Promise.all(Array.from({ length: agentsAtOnce }, runNext));
  return begun;
}

function stopOf({ commands, steps }: RunDetail): Stop | undefined {
  for (const { command, acknowledged } of commands) {
    if (command.verb !== "pause" || !command.issuedBy.startsWith("policy:")) continue;
    const received = acknowledged.find(({ phase }) => phase === "received");
    const applied = acknowledged.find(({ phase }) => phase === "applied");
    // The policy's commands bear the time at which the deciding step ended.
    const ended = steps.filter(({ endMs }) => endMs !== null && endMs <= command.issuedAtMs);
    const lastSequence = Math.max(...ended.map(({ sequence }) => sequence));
    if (received === undefined || applied === undefined || ended.length === 0) continue;
    return {
      closedMs: received.atMs - command.issuedAtMs,
      stillMs: applied.atMs - command.issuedAtMs,
      callsAfter: steps.filter(({ sequence }) => sequence > lastSequence).length,
    };
  }
  return undefined;
}

/** As the operator sees the run, once its last rows are in the tables. */
async function stopOfRun(stack: Stack, runId: string, limit: TimeLimit): Promise<Stop | undefined> {
  while (!limit.isOver) {
    const asked = stack.client.run(runId).catch(() => undefined);
    const detail = await within(limit.leftMs, asked);
    const stop = detail === undefined ? undefined : stopOf(detail);
    if (stop !== undefined) return stop;
    await systemClock.sleep(200);
  }
  return undefined;
}

async function roundOf(stack: Stack, runIds: readonly string[], limit: TimeLimit): Promise<Round> {
  const found = await Promise.all(runIds.map((runId) => stopOfRun(stack, runId, limit)));
  const stops = found.filter((stop) => stop !== undefined);
  return { stops, missing: found.length - stops.length };
}

interface RateResult {
  settings: { setting: Setting; rounds: Round[] }[];
  postsMs: number[][];
  load: LoadResult;
}

/** All latencies at one rate, on a stack of their own. */
async function measureRate(
  { modelUrl, startStack }: { modelUrl: string; startStack: () => Promise<Stack> },
  { spansPerSecond, settings, warmUpRounds, repetitions }: Rate,
): Promise<RateResult> {
  const stack = await startStack();
  const agents = await stack.startAgents(modelUrl);
  const load = await startLoad(stack.otlpUrl, spansPerSecond);
  const begun = settings.map((setting) => ({ setting, runIds: [] as string[][] }));
  const postsMs: number[][] = [];
  try {
    await systemClock.sleep(2_000);
    for (let round = 0; round < warmUpRounds; round += 1)
      for (const setting of settings) await runAll(agents, setting, new TimeLimit(setting.longestMs));
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      postsMs.push(await durablePostsMs(stack.otlpUrl, 50, longestPostsMs));
      for (const { setting, runIds } of begun)
        runIds.push(await runAll(agents, setting, new TimeLimit(setting.longestMs)));
    }
    const taken = await load.stop();
    const limit = new TimeLimit(rowsWaitMs);
    const results = begun.map(async ({ setting, runIds }) => ({
      setting,
      rounds: await Promise.all(runIds.map((ids) => roundOf(stack, ids, limit))),
    }));
    return { settings: await Promise.all(results), postsMs, load: taken };
  } finally {
    await agents.close();
    await stack.close();
  }
}

function settingLines(name: string, rounds: readonly Round[], medianPosts: readonly number[]): Measurement[] {
  const of = (valueOf: (stop: Stop) => number): Summary[] =>
    rounds.map(({ stops }) => summarise(stops.map(valueOf)));
  const closed = of(({ closedMs }) => closedMs);
  // The slowest are those that were never stopped: leaving them out would flatter the rest.
  const all = rounds.map(({ stops, missing }) =>
    summarise([...stops.map(({ closedMs }) => closedMs), ...Array<number>(missing).fill(longestRunMs)]),
  );
  const still = of(({ stillMs }) => stillMs);
  const calls = of(({ callsAfter }) => callsAfter);
  const ratios = closed.map(({ median }, index) => median / (medianPosts[index] ?? 1));
  const lines: [what: string, unit: string, values: number[]][] = [
    ["gate closed, p50", "ms", closed.map(({ median }) => median)],
    ["gate closed, p99", "ms", closed.map(({ p99 }) => p99)],
    [
      `gate closed, p99, a run not stopped counted as ${String(longestRunMs)} ms`,
      "ms",
      all.map(({ p99 }) => p99),
    ],
    ["gate closed, p50 / durable post", "", ratios],
    ["and nothing under way (ack applied), p50", "ms", still.map(({ median }) => median)],
    ["and nothing under way (ack applied), p99", "ms", still.map(({ p99 }) => p99)],
    ["calls started after the deciding step, p50", "", calls.map(({ median }) => median)],
    ["calls started after the deciding step, max", "", calls.map(({ max }) => max)],
    ["runs measured", "", closed.map(({ count }) => count)],
    [
      "runs not stopped while they lasted, or before the round had to end",
      "",
      rounds.map(({ missing }) => missing),
    ],
  ];
  return lines.map(([what, unit, values]) => ({ name: `${name}: ${what}`, unit, values }));
}

function measurementsOf(rate: number, { settings, postsMs, load }: RateResult): Measurement[] {
  const flow = rate === 0 ? "quiet" : `${String(rate)} spans/s`;
  const medianPosts = postsMs.map((values) => summarise(values).median);
  const taken = {
    name: `${flow}: spans really taken in`,
    unit: "spans/s",
    values: [load.accepted / load.seconds],
  };
  return [
    { name: `${flow}: baseline, one span posted and durable, p50`, unit: "ms", values: medianPosts },
    ...settings.flatMap(({ setting: { latencyMs }, rounds }) =>
      settingLines(`${flow}, model ${String(latencyMs)} ms`, rounds, medianPosts),
    ),
    ...(rate === 0 ? [] : [taken]),
  ];
}

async function run(options: BenchmarkOptions): Promise<Report> {
  const { small, rates, warmUpRounds = 0, startStack = startEmbedded } = options;
  const { agentsAtOnce = defaultAgentsAtOnce } = options;
  const counts = small ? [5, 5, 2] : [20, 20, 8];
  const settings = [0, 50, 800].map((latencyMs, index) => ({
    latencyMs,
    runs: counts[index] ?? 1,
    agentsAtOnce,
    longestMs: small ? longestRunMs + 2_000 : 3 * longestRunMs,
  }));
  const repetitions = small ? 1 : 3;
  const model = await startModelProcess();
  try {
    const place = { modelUrl: model.baseUrl, startStack };
    const measurements: Measurement[] = [];
    for (const spansPerSecond of rates ?? [0, 5_000]) {
      const result = await measureRate(place, {
        spansPerSecond,
        settings,
        warmUpRounds,
        repetitions,
      });
      measurements.push(...measurementsOf(spansPerSecond, result));
    }
    return {
      title: "time-to-stop",
      measures: `end of the step that decides to the gate closed (ack \`received\`: no call starts any more) and to nothing under way (ack \`applied\`), by the agent's clock; stuck agents in one process, ${String(agentsAtOnce)} at a time, local guards off, \`plumbline up\` in another, model server and load in two more`,
      bar: "p99 < 500 ms with 5,000 spans/s flowing, at model latencies of 0, 50 and 800 ms",
      doesNotMeasure:
        "network between machines, Kafka, agents in other languages, how many calls it takes to decide",
      measurements,
    };
  } finally {
    await model.close();
  }
}

export const timeToStop: Benchmark = { run };
