import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import type { ModelCallsReport } from "./support/model-calls.ts";
import type { Measurement, Report } from "./support/report.ts";
import { type BenchProcess, startModelProcess, startProcess } from "./support/start-process.ts";

const variants = ["bare", "contrib", "ours", "ours-redacted"] as const;
type Variant = (typeof variants)[number];
type Subjects = Record<Variant, BenchProcess<ModelCallsReport>>;

/** CPU microseconds per call. */
async function cpuPerCall(subject: BenchProcess<ModelCallsReport>, calls: number): Promise<number> {
  subject.child.send({ calls });
  return (await subject.next()).cpuMicros / calls;
}

async function startSubjects(modelUrl: string, sinkUrl: string): Promise<Subjects> {
  const entry = new URL("./support/processes/model-calls-process.ts", import.meta.url);
  const started = await Promise.all(
    variants.map(async (variant) => {
      const subject = startProcess<ModelCallsReport>(entry, {
        BENCH_VARIANT: variant,
        BENCH_MODEL_URL: modelUrl,
        BENCH_SINK_URL: sinkUrl,
      });
      await subject.next();
      return [variant, subject];
    }),
  );
  return Object.fromEntries(started) as Subjects;
}

function measurementsOf(rounds: readonly Record<Variant, number>[]): Measurement[] {
  const ratio = (variant: Variant): number[] =>
    rounds.map((round) => (round[variant] - round.bare) / (round.contrib - round.bare));
  return [
    ...variants.map((variant) => ({
      name: `CPU per call, ${variant}`,
      unit: "µs",
      values: rounds.map((round) => round[variant]),
    })),
    { name: "(ours − bare) / (contrib − bare), content as it is in both", unit: "", values: ratio("ours") },
    { name: "the same with our default, secrets blotted out", unit: "", values: ratio("ours-redacted") },
  ];
}

async function measure(subjects: Subjects, small: boolean): Promise<Measurement[]> {
  const [warmUp, calls, repetitions] = small ? [200, 300, 3] : [1_500, 2_000, 7];
  for (const variant of variants) await cpuPerCall(subjects[variant], warmUp ?? 0);
  const rounds: Record<Variant, number>[] = [];
  for (let repetition = 0; repetition < (repetitions ?? 0); repetition += 1) {
    const round: Partial<Record<Variant, number>> = {};
    for (const variant of variants) round[variant] = await cpuPerCall(subjects[variant], calls ?? 0);
    rounds.push(round as Record<Variant, number>);
  }
  return measurementsOf(rounds);
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const model = await startModelProcess();
  const sink = startProcess<{ url: string }>(new URL("./support/processes/sink-process.ts", import.meta.url));
  const subjects = await startSubjects(model.baseUrl, (await sink.next()).url);
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
