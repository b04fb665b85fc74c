import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import type { CallsReport } from "./support/calls.ts";
import type { Measurement, Report } from "./support/report.ts";
import { startProcess } from "./support/start-process.ts";
import { roundsOf, startVariants, type Variants } from "./support/variants.ts";

const names = ["bare", "supervised", "audited", "audited-files"] as const;
type Name = (typeof names)[number];
type Round = Record<Name, CallsReport>;

function measurementsOf(rounds: readonly Round[]): Measurement[] {
  const cpuOf = (name: Name): number[] => rounds.map((round) => round[name].cpuPerCall);
  const added = (name: Name): number[] =>
    rounds.map((round) => round[name].cpuPerCall - round.supervised.cpuPerCall);
  return [
    ...names.map((name) => ({ name: `CPU per tool call, ${name}`, unit: "µs", values: cpuOf(name) })),
    { name: "what the audit trail adds", unit: "µs", values: added("audited") },
    { name: "the same with both files, without fsync", unit: "µs", values: added("audited-files") },
  ];
}

async function measure(subjects: Variants<Name, CallsReport>, small: boolean): Promise<Measurement[]> {
  const rounds = small
    ? { warmUp: { calls: 300 }, order: { calls: 500 }, repetitions: 3 }
    : { warmUp: { calls: 2_000 }, order: { calls: 4_000 }, repetitions: 7 };
  return measurementsOf(await roundsOf(subjects, rounds));
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const sink = startProcess<{ url: string }>(new URL("./support/processes/sink-process.ts", import.meta.url));
  const entry = new URL("./support/processes/tool-calls-process.ts", import.meta.url);
  const environment = { BENCH_SINK_URL: (await sink.next()).url };
  const subjects = await startVariants<Name, CallsReport>(entry, names, environment);
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
