import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import type { Measurement, Report } from "./support/report.ts";
import { startProcess } from "./support/start-process.ts";
import type { OverheadOrder, OverheadReport } from "./support/tool-overhead.ts";
import { roundsOf, startVariants } from "./support/variants.ts";

const names = ["bare", "guards-off", "all"] as const;
type Name = (typeof names)[number];
type Round = Record<Name, OverheadReport>;

const loads = [
  { name: "six tools in turn", tools: 6 },
  { name: "one tool only, which the loop guard looks at on every call", tools: 1 },
];

function ordersOf(
  tools: number,
  small: boolean,
): { warmUp: OverheadOrder; order: OverheadOrder; repetitions: number } {
  const [calls, repetitions] = small ? [500, 3] : [3_000, 7];
  const order = { calls, tools };
  return { warmUp: order, order, repetitions };
}

function measurementsOf(load: string, rounds: readonly Round[]): Measurement[] {
  const added = (name: Name, of: keyof OverheadReport): number[] =>
    rounds.map((round) => round[name][of] - round.bare[of]);
  const bare = rounds.map((round) => round.bare.microsPerCall);
  return [
    { name: `${load}: a bare call`, unit: "µs", values: bare },
    { name: "  added, guards off", unit: "µs", values: added("guards-off", "microsPerCall") },
    { name: "  added, everything on", unit: "µs", values: added("all", "microsPerCall") },
    { name: "  CPU added, everything on", unit: "µs", values: added("all", "cpuMicrosPerCall") },
  ];
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const sink = startProcess<{ url: string }>(new URL("./support/processes/sink-process.ts", import.meta.url));
  const entry = new URL("./support/processes/tool-overhead-process.ts", import.meta.url);
  const environment = { BENCH_SINK_URL: (await sink.next()).url };
  const subjects = await startVariants<Name, OverheadReport>(entry, names, environment);
  try {
    const measurements: Measurement[] = [];
    for (const { name, tools } of loads)
      measurements.push(...measurementsOf(name, await roundsOf(subjects, ordersOf(tools, small))));
    return {
      title: "tool-overhead",
      measures:
        "time from the call of run.execute to its answer, one call after the other, each in a turn of the event loop of its own as between two model calls, tools that answer at once with some 80 characters; CPU of the whole process, with the work that follows the answer and the delivery of all that is told; everything on = gate, budgets, step events and spans, audit records, loop guard, schema, ids, breaker, retries; the OTLP receiver is another process; bare = JSON.parse, zod and the tool itself",
      bar: "everything on adds ≤ 50 µs to a call",
      doesNotMeasure:
        "fsync (checkpoints off), large arguments and results, calls at once; a call that follows the one before within the same turn also waits for the work that call left",
      measurements,
    };
  } finally {
    await Promise.all([...Object.values(subjects), sink].map((one) => one.close()));
  }
}

/** What supervision adds to a tool call. */
export const toolOverhead: Benchmark = { run };
