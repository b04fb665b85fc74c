import { existsSync, readdirSync, readFileSync } from "node:fs";
import { TextComparer } from "@plumbline/analyzer";
import { systemClock } from "@plumbline/contracts";
import {
  type CompareTexts,
  createMonitor,
  createPolicy,
  evaluateRun,
  evaluateRunComparing,
  miniLmCalibration,
  parseRunRecord,
  type RunRecord,
} from "@plumbline/detection";
import { openMiniLm, type RuntimeChoice } from "@plumbline/minilm";
import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { measureCpu } from "./support/cpu-time.ts";
import type { Measurement, Report } from "./support/report.ts";
import { sayings } from "./support/sameness-pairs.ts";

const recorded = new URL("../../shared/data/runs/", import.meta.url);
const monitor = createMonitor(createPolicy({ profile: "enforce" }));
/** Runs that are read at a time, as a partition holds many: the model works while others are tracked. */
const concurrency = 64;

/** One recorded run in so many, of every source; made-up requests where there are no recorded runs. */
function sampleOf(every: number): { name: string; records: RunRecord[] } {
  if (!existsSync(recorded)) return { name: "made-up requests", records: sayings.map(madeUpRun) };
  const files = readdirSync(recorded).filter((file) => file.endsWith(".jsonl") && !file.includes("review"));
  const records = files.flatMap((file) =>
    readFileSync(new URL(file, recorded), "utf8")
      .split("\n")
      .filter((line, index) => line !== "" && index % every === 0)
      .map(parseRunRecord),
  );
  return { name: "recorded runs of nine public sources", records };
}

function madeUpRun(saying: (typeof sayings)[number], number: number): RunRecord {
  const steps = Object.values(saying).map((text, i) => ({
    i,
    role: "tool" as const,
    agent: null,
    name: "ask",
    args: { text },
    text: `answer ${String(i)} to ${String(number)}`,
    error: null,
  }));
  const head = { source: "made-up", run_id: `made-up/${String(number)}`, group: String(number), model: null };
  return { ...head, task: saying.said, outcome: null, labels: [], steps };
}

interface Pass {
  seconds: number;
  cpuSeconds: number;
  comparisons: number;
  embedded: number;
  texts: number;
}

async function readAll(records: readonly RunRecord[], compare: CompareTexts | null): Promise<void> {
  const waiting = [...records];
  const reader = async (): Promise<void> => {
    for (let record = waiting.pop(); record !== undefined; record = waiting.pop()) {
      if (compare === null) evaluateRun(monitor, record);
      else await evaluateRunComparing(monitor, record, compare);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, reader));
}

async function pass(records: readonly RunRecord[], runtime: RuntimeChoice | null): Promise<Pass> {
  const embedder = runtime === null ? null : await openMiniLm({ runtime });
  const counts = { comparisons: 0, embedded: 0, texts: 0 };
  const openModel =
    embedder === null
      ? null
      : () =>
          Promise.resolve({
            calibration: miniLmCalibration,
            embedder: {
              ...embedder,
              embed: (texts: readonly string[], signal?: AbortSignal) => {
                counts.texts += texts.length;
                return embedder.embed(texts, signal);
              },
            },
          });
  const comparer = new TextComparer({ openModel, clock: systemClock, timeoutMs: 60_000 });
  const compare: CompareTexts = async (text, others) => {
    counts.comparisons += 1;
    const { sameness, means } = await comparer.compare(text, others);
    counts.embedded += means === "embedded" ? 1 : 0;
    return { sameness, degraded: means !== "embedded" };
  };
  const startedAt = systemClock.nowMs();
  const { cpuSeconds } = await measureCpu(() => readAll(records, embedder === null ? null : compare));
  const seconds = (systemClock.nowMs() - startedAt) / 1_000;
  await embedder?.close();
  return { seconds, cpuSeconds, ...counts };
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const { name, records } = sampleOf(small ? 80 : 12);
  const steps = records.reduce((sum, record) => sum + record.steps.length, 0);
  const repetitions = small ? 1 : 3;
  await pass(records, null);
  const measurements: Measurement[] = [];
  for (const [label, runtime] of [
    ["without comparisons", null],
    ["with MiniLM, native runtime", "native"],
    ["with MiniLM, WebAssembly", "wasm"],
  ] as const) {
    const passes: Pass[] = [];
    for (let index = 0; index < repetitions; index += 1) passes.push(await pass(records, runtime));
    const of = (what: string, unit: string, value: (one: Pass) => number): Measurement => ({
      name: `${what}, ${label}`,
      unit,
      values: passes.map(value),
    });
    measurements.push(
      of("steps per second", "1/s", ({ seconds }) => steps / seconds),
      of("steps per CPU-second", "1/s", ({ cpuSeconds }) => steps / cpuSeconds),
    );
    if (runtime === null) continue;
    measurements.push(
      of("steps that were compared", "%", ({ comparisons }) => (100 * comparisons) / steps),
      of("texts that reached the model, per step", "%", ({ texts }) => (100 * texts) / steps),
    );
  }
  return {
    title: "embedding-throughput",
    measures: `steps of ${name} (${String(records.length)} runs, ${String(steps)} steps) through track, score, detect and decide, ${String(concurrency)} runs at a time, with and without comparing requests`,
    bar: "with the cascade ≥ 2,000 steps/s on two cores; share of steps that reach the model reported",
    doesNotMeasure: "decoding, assembling, the log between asking and answering",
    measurements,
  };
}

export const embeddingThroughput: Benchmark = { run };
