import { systemClock, systemIds } from "@plumbline/contracts";
import type { AgentReport } from "./support/agent-messages.ts";
import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { durablePostsMs } from "./support/durable-post.ts";
import { type LoadResult, startLoad } from "./support/load.ts";
import { summarise } from "./support/percentiles.ts";
import type { Measurement, Report } from "./support/report.ts";
import { type Stack, startStack as startEmbedded } from "./support/stack.ts";
import { type BenchProcess, startModelProcess } from "./support/start-process.ts";
import { TimeLimit, within } from "./support/within.ts";

const longestWaitMs = 20_000;
const longestPostsMs = 5_000;
/** Show is asked once something was told, and again until it is there: who asks all the time measures what asking costs. */
const askEveryMs = 100;
const idleMs = 5;
const everyMs = 1_000;

/** When each mark was first there. */
type FirstSeen = Map<string, number>;

const markOf = (text: string): string => (JSON.parse(text) as { mark: string }).mark;

/** When the row of each ended step was stored, as the store itself noted it; of rows merged meanwhile, the later one. */
async function storedAt({ client }: Stack, runId: string): Promise<FirstSeen> {
  const stored = "toUnixTimestamp64Milli(min(InsertedAt))";
  const { rows } = await client.sql(
    `SELECT ToolArguments, ${stored} AS StoredMs FROM steps WHERE RunId = '${runId}' AND State = 'ended' GROUP BY ToolArguments`,
  );
  return new Map(rows.map((row) => [markOf(String(row["ToolArguments"])), Number(row["StoredMs"])]));
}

async function marksInShow({ client }: Stack, runId: string): Promise<string[]> {
  const { steps } = await client.run(runId);
  return steps.flatMap(({ state, tool }) =>
    state === "ended" && tool !== null ? [markOf(tool.arguments)] : [],
  );
}

interface Watched {
  seen: FirstSeen;
  /** What each answer took by itself. */
  answersMs: number[];
}

/** Asks until all marks that were told have been seen, or it takes too long. */
async function watchShow(
  stack: Stack,
  runId: string,
  { told, calls }: { told: FirstSeen; calls: number },
): Promise<Watched> {
  const seen: FirstSeen = new Map();
  const answersMs: number[] = [];
  const limit = new TimeLimit(calls * everyMs + longestWaitMs);
  while (seen.size < calls && !limit.isOver) {
    if (told.size === seen.size) {
      await systemClock.sleep(idleMs);
      continue;
    }
    // Until it is known, the run is an error of the request.
    const askedAtMs = systemClock.nowMs();
    const asked = marksInShow(stack, runId).catch(() => []);
    const found = (await within(limit.leftMs, asked)) ?? [];
    const atMs = systemClock.nowMs();
    answersMs.push(atMs - askedAtMs);
    for (const mark of found) if (!seen.has(mark)) seen.set(mark, atMs);
    await systemClock.sleep(askEveryMs);
  }
  return { seen, answersMs };
}

/** Collects when the agent had each answer. */
function listen({ child }: BenchProcess<AgentReport>, runId: string): { told: FirstSeen; end: () => void } {
  const told: FirstSeen = new Map();
  const take = (message: AgentReport): void => {
    if (message.kind === "called" && message.runId === runId) told.set(message.mark, message.atMs);
  };
  child.on("message", take);
  return { told, end: () => void child.off("message", take) };
}

const delaysMs = (told: FirstSeen, seen: FirstSeen): number[] =>
  [...told].flatMap(([mark, atMs]) => {
    const seenAtMs = seen.get(mark);
    return seenAtMs === undefined ? [] : [seenAtMs - atMs];
  });

interface Round {
  storeMs: number[];
  showMs: number[];
  answersMs: number[];
  /** Events that one of the two never showed. */
  missing: number;
}

async function followRun(stack: Stack, agents: BenchProcess<AgentReport>, calls: number): Promise<Round> {
  const runId = `calls-${systemIds.next()}`;
  const { told, end } = listen(agents, runId);
  agents.child.send({ kind: "calling", runId, calls, everyMs });
  const { seen, answersMs } = await watchShow(stack, runId, { told, calls });
  end();
  const store = await storedAt(stack, runId);
  const [storeMs, showMs] = [delaysMs(told, store), delaysMs(told, seen)];
  return { storeMs, showMs, answersMs, missing: 2 * calls - storeMs.length - showMs.length };
}

interface RateOptions {
  rate: number;
  calls: number;
  repetitions: number;
  startStack: () => Promise<Stack>;
}

interface RateResult {
  rounds: Round[];
  postsMs: number[][];
  load: LoadResult;
}

async function measureRate(modelUrl: string, options: RateOptions): Promise<RateResult> {
  const stack = await options.startStack();
  const agents = await stack.startAgents(modelUrl);
  const load = await startLoad(stack.otlpUrl, options.rate);
  const rounds: Round[] = [];
  const postsMs: number[][] = [];
  try {
    await systemClock.sleep(2_000);
    for (let repetition = 0; repetition < options.repetitions; repetition += 1) {
      postsMs.push(await durablePostsMs(stack.otlpUrl, 50, longestPostsMs));
      rounds.push(await followRun(stack, agents, options.calls));
    }
    return { rounds, postsMs, load: await load.stop() };
  } finally {
    await agents.close();
    await stack.close();
  }
}

function measurementsOf(rate: number, { rounds, postsMs, load }: RateResult): Measurement[] {
  const flow = rate === 0 ? "quiet" : `${String(rate)} spans/s`;
  const posts = postsMs.map((values) => summarise(values).median);
  const line = (name: string, of: (round: Round) => number): Measurement => ({
    name: `${flow}: ${name}`,
    unit: "ms",
    values: rounds.map(of),
  });
  return [
    { name: `${flow}: baseline, one span posted and durable, p50`, unit: "ms", values: posts },
    line("event to row in the store, p50", ({ storeMs }) => summarise(storeMs).median),
    line("event to row in the store, p99", ({ storeMs }) => summarise(storeMs).p99),
    line("event to show's answer, p50", ({ showMs }) => summarise(showMs).median),
    line("event to show's answer, p99", ({ showMs }) => summarise(showMs).p99),
    line("show's answer alone, p50", ({ answersMs }) => summarise(answersMs).median),
    {
      name: `${flow}: show p50 / durable post`,
      unit: "",
      values: rounds.map(({ showMs }, index) => summarise(showMs).median / (posts[index] ?? 1)),
    },
    { name: `${flow}: events not seen in time`, unit: "", values: rounds.map(({ missing }) => missing) },
    ...(rate === 0
      ? []
      : [
          { name: `${flow}: spans really taken in`, unit: "spans/s", values: [load.accepted / load.seconds] },
        ]),
  ];
}

async function run({ small, rates, startStack = startEmbedded }: BenchmarkOptions): Promise<Report> {
  const model = await startModelProcess();
  const sizes = small ? { calls: 20, repetitions: 1 } : { calls: 30, repetitions: 3 };
  try {
    const measurements: Measurement[] = [];
    for (const rate of rates ?? [0, 500])
      measurements.push(
        ...measurementsOf(rate, await measureRate(model.baseUrl, { rate, startStack, ...sizes })),
      );
    return {
      title: "event-to-show",
      measures:
        "a tool's answer in the agent, one a second, to the moment at which the row of its ended step is stored, and to the answer of the operator API in which it stands and which `plumbline show RUN` prints, asked for at once and again every 100 ms until it is there, so that the answer's own time counts; clocks of two processes on one machine, milliseconds",
      bar: "p99 ≤ 1,000 ms",
      doesNotMeasure: "network between machines, Kafka, the start of the command line's process",
      measurements,
    };
  } finally {
    await model.close();
  }
}

/** From what an agent does to where its people see it. */
export const eventToShow: Benchmark = { run };
