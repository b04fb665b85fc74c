import { systemClock, systemIds } from "@plumbline/contracts";
import type { AgentReport } from "./support/agent-messages.ts";
import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { durablePostsMs } from "./support/durable-post.ts";
import { type LoadResult, startLoad } from "./support/load.ts";
import { summarise } from "./support/percentiles.ts";
import type { Measurement, Report } from "./support/report.ts";
import { type Stack, startStack as startEmbedded } from "./support/stack.ts";
import { type BenchProcess, startModelProcess } from "./support/start-process.ts";
import { nextMessage, TimeLimit, within } from "./support/within.ts";

const knownWaitMs = 10_000;
const abortWaitMs = 30_000;
const longestPostsMs = 5_000;

/** Until the operator can name the run: a command for a run that nobody has heard of is refused. */
async function untilKnown(stack: Stack, runId: string): Promise<boolean> {
  const limit = new TimeLimit(knownWaitMs);
  while (!limit.isOver) {
    const asked = stack.client.run(runId).catch(() => undefined);
    const detail = await within(limit.leftMs, asked);
    if (detail?.run.gate === "connected") return true;
    await systemClock.sleep(50);
  }
  return false;
}

function reportOf(
  agents: BenchProcess<AgentReport>,
  kind: AgentReport["kind"],
  runId: string,
): Promise<AgentReport | undefined> {
  const isWanted = (message: AgentReport): boolean =>
    message.kind === kind && "runId" in message && message.runId === runId;
  return nextMessage(agents.child, isWanted, abortWaitMs);
}

interface Kill {
  /** From the request of the operator to the abort of the call; undefined when it never came. */
  abortedMs: number | undefined;
  /** From the request to its answer. */
  acceptedMs: number;
}

async function killOnce(stack: Stack, agents: BenchProcess<AgentReport>): Promise<Kill | undefined> {
  const runId = `stream-${systemIds.next()}`;
  const streaming = reportOf(agents, "streaming", runId);
  agents.child.send({ kind: "streaming", runId });
  if ((await streaming) === undefined || !(await untilKnown(stack, runId))) return undefined;
  const aborting = reportOf(agents, "aborted", runId);
  const sentAtMs = systemClock.nowMs();
  const accepting = stack.client.command(runId, { verb: "kill", message: "bench" }).catch(() => undefined);
  if ((await within(abortWaitMs, accepting)) === undefined) return undefined;
  const acceptedMs = systemClock.nowMs() - sentAtMs;
  const aborted = await aborting;
  const abortedMs = aborted?.kind === "aborted" ? aborted.atMs - sentAtMs : undefined;
  return { abortedMs, acceptedMs };
}

interface Kills {
  /** Those that came through. */
  kills: Kill[];
  missing: number;
}

/** As many as there is time for. */
async function killSome(
  stack: Stack,
  agents: BenchProcess<AgentReport>,
  { kills: count, longestMs }: RateOptions,
): Promise<Kills> {
  const kills: Kill[] = [];
  let missing = 0;
  const limit = new TimeLimit(longestMs);
  while (kills.length + missing < count && !limit.isOver) {
    const kill = await killOnce(stack, agents);
    if (kill?.abortedMs === undefined) missing += 1;
    else kills.push(kill);
  }
  return { kills, missing };
}

interface RateResult {
  rounds: Kill[][];
  missing: number;
  postsMs: number[][];
  load: LoadResult;
}

interface RateOptions {
  rate: number;
  kills: number;
  warmUpRounds: number;
  repetitions: number;
  /** After which a round ends with the kills that it had. */
  longestMs: number;
  startStack: () => Promise<Stack>;
}

async function measureRate(modelUrl: string, options: RateOptions): Promise<RateResult> {
  const stack = await options.startStack();
  const agents = await stack.startAgents(modelUrl);
  const load = await startLoad(stack.otlpUrl, options.rate);
  const rounds: Kill[][] = [];
  const postsMs: number[][] = [];
  let missing = 0;
  try {
    await systemClock.sleep(2_000);
    for (let round = 0; round < options.warmUpRounds; round += 1) await killSome(stack, agents, options);
    for (let repetition = 0; repetition < options.repetitions; repetition += 1) {
      postsMs.push(await durablePostsMs(stack.otlpUrl, 50, longestPostsMs));
      const round = await killSome(stack, agents, options);
      missing += round.missing;
      rounds.push(round.kills);
    }
    return { rounds, missing, postsMs, load: await load.stop() };
  } finally {
    await agents.close();
    await stack.close();
  }
}

function measurementsOf(rate: number, { rounds, missing, postsMs, load }: RateResult): Measurement[] {
  const flow = rate === 0 ? "quiet" : `${String(rate)} spans/s`;
  const abortsOf = (kills: readonly Kill[]): number[] =>
    kills.flatMap(({ abortedMs }) => (abortedMs === undefined ? [] : [abortedMs]));
  const medianPosts = postsMs.map((values) => summarise(values).median);
  const medians = rounds.map((kills) => summarise(abortsOf(kills)).median);
  return [
    { name: `${flow}: baseline, one span posted and durable, p50`, unit: "ms", values: medianPosts },
    { name: `${flow}: command to abort, p50`, unit: "ms", values: medians },
    {
      name: `${flow}: command to abort, p99`,
      unit: "ms",
      values: rounds.map((kills) => summarise(abortsOf(kills)).p99),
    },
    {
      name: `${flow}: p50 / durable post`,
      unit: "",
      values: medians.map((median, index) => median / (medianPosts[index] ?? 1)),
    },
    {
      name: `${flow}: command to its answer (202), p50`,
      unit: "ms",
      values: rounds.map((kills) => summarise(kills.map(({ acceptedMs }) => acceptedMs)).median),
    },
    { name: `${flow}: kills measured`, unit: "", values: rounds.map((kills) => kills.length) },
    {
      name: `${flow}: runs not known within 10 s or not aborted within 30 s, in all`,
      unit: "",
      values: [missing],
    },
    ...(rate === 0
      ? []
      : [
          { name: `${flow}: spans really taken in`, unit: "spans/s", values: [load.accepted / load.seconds] },
        ]),
  ];
}

async function run(options: BenchmarkOptions): Promise<Report> {
  const { small, rates, warmUpRounds = 0, startStack = startEmbedded } = options;
  const model = await startModelProcess();
  const sizes = small
    ? { kills: 5, repetitions: 1, longestMs: 30_000 }
    : { kills: 50, repetitions: 3, longestMs: 60_000 };
  try {
    const measurements: Measurement[] = [];
    for (const rate of rates ?? [0, 5_000]) {
      const result = await measureRate(model.baseUrl, { rate, startStack, warmUpRounds, ...sizes });
      measurements.push(...measurementsOf(rate, result));
    }
    return {
      title: "command-to-abort",
      measures:
        "an operator's kill, sent to the operator API, to the open model stream of the agent aborted; clocks of two processes on one machine, milliseconds",
      bar: "p99 < 50 ms with 5,000 spans/s flowing",
      doesNotMeasure: "network between machines, Kafka, the time a provider takes to stop billing",
      measurements,
    };
  } finally {
    await model.close();
  }
}

export const commandToAbort: Benchmark = { run };
