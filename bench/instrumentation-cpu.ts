import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import type { CallsReport } from "./support/calls.ts";
import type { Measurement, Report } from "./support/report.ts";
import { startModelProcess, startProcess } from "./support/start-process.ts";
import { roundsOf, startVariants, type Variants } from "./support/variants.ts";

const names = ["bare", "contrib", "ours", "ours-redacted"] as const;
type Name = (typeof names)[number];
type Round = Record<Name, CallsReport>;

function measurementsOf(rounds: readonly Round[]): Measurement[] {
  const cpuOf = (name: Name): number[] => rounds.map((round) => round[name].cpuPerCall);
  const ratio = (name: Name): number[] =>
    rounds.map(
      ({ [name]: ours, bare, contrib }) =>
        (ours.cpuPerCall - bare.cpuPerCall) / (contrib.cpuPerCall - bare.cpuPerCall),
    );
  return [
    ...names.map((name) => ({ name: `CPU per call, ${name}`, unit: "µs", values: cpuOf(name) })),
    { name: "(ours − bare) / (contrib − bare), content as it is in both", unit: "", values: ratio("ours") },
    { name: "the same with our default, secrets blotted out", unit: "", values: ratio("ours-redacted") },
  ];
}

async function measure(subjects: Variants<Name, CallsReport>, small: boolean): Promise<Measurement[]> {
  const rounds = small
    ? { warmUp: { calls: 200 }, order: { calls: 300 }, repetitions: 3 }
    : { warmUp: { calls: 1_500 }, order: { calls: 2_000 }, repetitions: 7 };
  return measurementsOf(await roundsOf(subjects, rounds));
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const model = await startModelProcess();
  const sink = startProcess<{ url: string }>(new URL("./support/processes/sink-process.ts", import.meta.url));
  const entry = new URL("./support/processes/model-calls-process.ts", import.meta.url);
  const environment = { BENCH_MODEL_URL: model.baseUrl, BENCH_SINK_URL: (await sink.next()).url };
  const subjects = await startVariants<Name, CallsReport>(entry, names, environment);
  try {
    return {
      title: "instrumentation-cpu",
      measures:
        "CPU of the application's process (user and system, all threads) per chat completion of openai 6.49.0 without streaming, one after the other; model server and OTLP receiver in other processes; contrib = @opentelemetry/instrumentation-openai 0.22.0 with captureMessageContent, batch processors and OTLP/HTTP exporters; ours = instrumentOpenAI in supervise, spans and events",
      bar: "(ours − bare) / (contrib − bare) ≤ 1.2, content on in both",
      doesNotMeasure:
        "streaming, tool calls, the control channel (off), memory, latency; contrib's content goes out as log records, ours as span attributes and events",
      measurements: await measure(subjects, small),
    };
  } finally {
    await Promise.all([...Object.values(subjects), sink, model].map((one) => one.close()));
  }
}

export const instrumentationCpu: Benchmark = { run };
