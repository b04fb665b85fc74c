import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import type { ModelCallsReport } from "./support/model-calls.ts";
import type { Measurement, Report } from "./support/report.ts";
import { type BenchProcess, startProcess } from "./support/start-process.ts";

const variants = ["bare", "supervised", "audited", "audited-files"] as const;
type Variant = (typeof variants)[number];
type Subjects = Record<Variant, BenchProcess<ModelCallsReport>>;
type Round = Record<Variant, number>;

/** CPU microseconds per call. */
async function cpuPerCall(subject: BenchProcess<ModelCallsReport>, calls: number): Promise<number> {
  subject.child.send({ calls });
  return (await subject.next()).cpuMicros / calls;
}

async function startSubjects(sinkUrl: string): Promise<Subjects> {
  const entry = new URL("./support/processes/tool-calls-process.ts", import.meta.url);
  const started = await Promise.all(
    variants.map(async (variant) => {
      const environment = { BENCH_VARIANT: variant, BENCH_SINK_URL: sinkUrl };
      const subject = startProcess<ModelCallsReport>(entry, environment);
      await subject.next();
      return [variant, subject];
    }),
  );
  return Object.fromEntries(started) as Subjects;
}

function measurementsOf(rounds: readonly Round[]): Measurement[] {
  const added = (variant: Variant): number[] => rounds.map((round) => round[variant] - round.supervised);
  return [
    ...variants.map((variant) => ({
      name: `CPU per tool call, ${variant}`,
      unit: "µs",
      values: rounds.map((round) => round[variant]),
    })),
    { name: "what the audit trail adds", unit: "µs", values: added("audited") },
    { name: "the same with both files, without fsync", unit: "µs", values: added("audited-files") },
  ];
}

async function measure(subjects: Subjects, small: boolean): Promise<Measurement[]> {
  const [warmUp = 0, calls = 0, repetitions = 0] = small ? [300, 500, 3] : [2_000, 4_000, 7];
  for (const variant of variants) await cpuPerCall(subjects[variant], warmUp);
  const rounds: Round[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1) {
    const round: Partial<Round> = {};
    for (const variant of variants) round[variant] = await cpuPerCall(subjects[variant], calls);
    rounds.push(round as Round);
  }
  return measurementsOf(rounds);
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const sink = startProcess<{ url: string }>(new URL("./support/processes/sink-process.ts", import.meta.url));
  const subjects = await startSubjects((await sink.next()).url);
  try {
    return {
      title: "audit-cpu",
      measures:
        "CPU of the agent's process (user and system, all threads) per tool call of run.execute, one after the other, arguments and results of some 200 characters, secrets blotted out; the OTLP receiver is another process; supervised = everything but the audit trail",
      bar: "what the audit trail adds, together with all guards, ≤ 50 µs",
      doesNotMeasure: "fsync, waiting for the disk, large contents, the analyzer's countersigning",
      measurements: await measure(subjects, small),
    };
  } finally {
    await Promise.all([...Object.values(subjects), sink].map((one) => one.close()));
  }
}

/** What an audit record costs the agent. */
export const auditCpu: Benchmark = { run };
