import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import type { Measurement, Report } from "./support/report.ts";
import { type BenchProcess, startProcess } from "./support/start-process.ts";
import type { OverheadOrder, OverheadReport } from "./support/tool-overhead.ts";

const variants = ["bare", "guards-off", "all"] as const;
type Variant = (typeof variants)[number];
type Subjects = Record<Variant, BenchProcess<OverheadReport>>;
type Round = Record<Variant, OverheadReport>;

const loads = [
  { name: "six tools in turn", tools: 6 },
  { name: "one tool only, which the loop guard looks at on every call", tools: 1 },
];

async function startSubjects(sinkUrl: string): Promise<Subjects> {
  const entry = new URL("./support/processes/tool-overhead-process.ts", import.meta.url);
  const started = await Promise.all(
    variants.map(async (variant) => {
      const environment = { BENCH_VARIANT: variant, BENCH_SINK_URL: sinkUrl };
      const subject = startProcess<OverheadReport>(entry, environment);
      await subject.next();
      return [variant, subject];
    }),
  );
  return Object.fromEntries(started) as Subjects;
}

async function ask(subject: BenchProcess<OverheadReport>, order: OverheadOrder): Promise<OverheadReport> {
  subject.child.send(order);
  return subject.next();
}

async function roundsOf(subjects: Subjects, tools: number, small: boolean): Promise<Round[]> {
  const [warmUp = 0, calls = 0, repetitions = 0] = small ? [500, 500, 3] : [3_000, 3_000, 7];
  for (const variant of variants) await ask(subjects[variant], { calls: warmUp, tools });
  const rounds: Round[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const round: Partial<Round> = {};
    for (const variant of variants) round[variant] = await ask(subjects[variant], { calls, tools });
    rounds.push(round as Round);
  }
  return rounds;
}

function measurementsOf(load: string, rounds: readonly Round[]): Measurement[] {
  const added = (variant: Variant, of: keyof OverheadReport): number[] =>
    rounds.map((round) => round[variant][of] - round.bare[of]);
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
  const subjects = await startSubjects((await sink.next()).url);
  try {
    const measurements: Measurement[] = [];
    for (const { name, tools } of loads)
      measurements.push(...measurementsOf(name, await roundsOf(subjects, tools, small)));
    return {
      title: "tool-overhead",
      measures:
        "time per tool call of run.execute, one after the other, tools that answer at once with some 80 characters; everything on = gate, budgets, step events and spans, audit records, loop guard, schema, ids, breaker, retries; the OTLP receiver is another process; bare = JSON.parse, zod and the tool itself",
      bar: "everything on adds ≤ 50 µs",
      doesNotMeasure: "fsync (checkpoints off), large arguments and results, calls at once",
      measurements,
    };
  } finally {
    await Promise.all([...Object.values(subjects), sink].map((one) => one.close()));
  }
}

/** What supervision adds to a tool call. */
export const toolOverhead: Benchmark = { run };
