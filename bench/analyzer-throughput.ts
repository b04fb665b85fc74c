import type { ReceivedRecord } from "@plumbline/bus";
import { systemClock, topic } from "@plumbline/contracts";
import { decodeLogs, decodeTraces } from "../packages/analyzer/src/ingest/decode/decode.ts";
import { type AnalyzerBench, startAnalyzerBench } from "./support/analyzer-bench.ts";
import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { type Capture, type MixRecord, readCaptures } from "./support/capture-mix.ts";
import { memoryAfterCollection } from "./support/collect-garbage.ts";
import { measureCpu } from "./support/cpu-time.ts";
import { type HeldRuns, measureHeldRuns } from "./support/held-runs.ts";
import { summarise } from "./support/percentiles.ts";
import type { Measurement, Report } from "./support/report.ts";

const recordsPerPublish = 500;
/** Of the whole mix, to see what a run takes that was worked on. */
const workedCopies = 3;

/** Copies of the whole mix; every run under ids of its own. */
function copiesOf(captures: readonly Capture[], from: number, copies: number): MixRecord[] {
  const numbers = Array.from({ length: copies }, (_, index) => from + index);
  return numbers.flatMap((copy) =>
    captures.flatMap((capture, index) => capture.copy(copy * captures.length + index)),
  );
}

function decodeAll(records: readonly MixRecord[]): number {
  let items = 0;
  for (const { topic: name, record } of records) {
    const contentType = record.headers?.["content-type"] ?? "";
    const decode = name === topic.logs ? decodeLogs : decodeTraces;
    items += decode(record.value, contentType).length;
  }
  return items;
}

async function analyse(bench: AnalyzerBench, records: readonly MixRecord[]): Promise<void> {
  for (let from = 0; from < records.length; from += recordsPerPublish)
    await bench.publish(records.slice(from, from + recordsPerPublish));
  await bench.idle();
}

interface Round {
  spans: number;
  items: number;
  decodeSeconds: number;
  cpuSeconds: number;
}

async function measureRounds(
  captures: readonly Capture[],
  sizes: { warmUpCopies: number; copies: number; repetitions: number; startAtMs: number },
): Promise<Round[]> {
  const { warmUpCopies, copies, repetitions, startAtMs } = sizes;
  const bench = await startAnalyzerBench({ startAtMs });
  const rounds: Round[] = [];
  try {
    await analyse(bench, copiesOf(captures, 0, warmUpCopies));
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      const records = copiesOf(captures, warmUpCopies + repetition * copies, copies);
      const decoded = await measureCpu(() => decodeAll(records));
      const analysed = await measureCpu(() => analyse(bench, records));
      const spans = copies * captures.reduce((sum, capture) => sum + capture.spans, 0);
      rounds.push({
        spans,
        items: decoded.result,
        decodeSeconds: decoded.cpuSeconds,
        cpuSeconds: analysed.cpuSeconds,
      });
    }
    return rounds;
  } finally {
    await bench.close();
  }
}

interface WorkedRuns {
  /** Right after its last record. */
  workingBytesPerRun: number;
  /** Once it was left alone for some seconds. */
  restingBytesPerRun: number;
  snapshots: ReceivedRecord[];
}

/** By then a run that is left alone is packed. */
const restMs = 12_000;

/** What the analyzer writes down on the bus grows meanwhile. */
async function memoryWithoutSnapshots({ bus }: AnalyzerBench): Promise<number> {
  let bytes = 0;
  for (const { value } of (await bus.snapshots()).values()) bytes += value.byteLength;
  return memoryAfterCollection() - bytes;
}

/** Runs that have all been heard of and none of which is over: what each keeps in memory. */
async function measureWorkedRuns(captures: readonly Capture[], startAtMs: number): Promise<WorkedRuns> {
  const bench = await startAnalyzerBench({
    startAtMs,
    timerIntervalMs: 3_600_000,
    snapshotIntervalMs: 1_000,
  });
  try {
    for (let copy = 0; copy < workedCopies; copy += 1) await analyse(bench, copiesOf(captures, copy, 1));
    const working = await memoryWithoutSnapshots(bench);
    await systemClock.sleep(restMs);
    const resting = await memoryWithoutSnapshots(bench);
    await bench.closeAnalyzer();
    const without = await memoryWithoutSnapshots(bench);
    const snapshots = [...(await bench.bus.snapshots())].flatMap(([key, record]) =>
      key.startsWith("~") ? [] : [record],
    );
    return {
      workingBytesPerRun: (working - without) / snapshots.length,
      restingBytesPerRun: (resting - without) / snapshots.length,
      snapshots,
    };
  } finally {
    await bench.close();
  }
}

interface Measured {
  rounds: readonly Round[];
  worked: WorkedRuns;
  held: HeldRuns;
}

function measurementsOf({ rounds, worked, held }: Measured): Measurement[] {
  const perRound = (name: string, unit: string, valueOf: (round: Round) => number): Measurement => ({
    name,
    unit,
    values: rounds.map(valueOf),
  });
  const snapshots = summarise(worked.snapshots.map(({ value }) => value.byteLength));
  return [
    perRound(
      "spans per CPU-second (log records analysed along, not counted)",
      "1/s",
      (r) => r.spans / r.cpuSeconds,
    ),
    perRound("spans and log records per CPU-second", "1/s", (r) => r.items / r.cpuSeconds),
    perRound(
      "baseline: bare decoding, spans and log records per CPU-second",
      "1/s",
      (r) => r.items / r.decodeSeconds,
    ),
    perRound("share of bare decoding in the whole", "", (r) => r.decodeSeconds / r.cpuSeconds),
    { name: "live runs worked on", unit: "", values: [worked.snapshots.length] },
    {
      name: "memory per live run at work (state, affinity, watermarks)",
      unit: "bytes",
      values: [worked.workingBytesPerRun],
    },
    { name: "memory per live run at rest", unit: "bytes", values: [worked.restingBytesPerRun] },
    { name: "snapshot of a live run, median", unit: "bytes", values: [snapshots.median] },
    { name: "snapshot of a live run, p99", unit: "bytes", values: [snapshots.p99] },
    { name: "live runs taken over, copies of those under ids of their own", unit: "", values: [held.runs] },
    { name: "until they were taken over", unit: "s", values: [held.takeOverSeconds] },
    { name: "memory of all of them", unit: "MB", values: [held.bytes / 1e6] },
    { name: "memory per run taken over", unit: "bytes", values: [held.bytes / held.runs] },
    { name: "share of some of them that obeyed a command", unit: "", values: [held.obeying] },
  ];
}

/** A minute after the first of the recorded spans: the runs are live then. */
function timeOf(captures: readonly Capture[]): number {
  const records = captures[0]?.copy(0).filter((record) => record.topic === topic.spans) ?? [];
  const spans = records.flatMap(({ record }) =>
    decodeTraces(record.value, record.headers?.["content-type"] ?? ""),
  );
  return Math.max(...spans.map(({ startTimeUnixNano }) => Number(startTimeUnixNano / 1_000_000n))) + 60_000;
}

async function run({ small, liveRuns }: BenchmarkOptions): Promise<Report> {
  const captures = readCaptures();
  const startAtMs = timeOf(captures);
  // What the compiler makes of the code settles after some tens of thousands of spans.
  const sizes = small
    ? { warmUpCopies: 2, copies: 2, repetitions: 3 }
    : { warmUpCopies: 16, copies: 6, repetitions: 5 };
  const rounds = await measureRounds(captures, { ...sizes, startAtMs });
  const worked = await measureWorkedRuns(captures, startAtMs);
  const wanted = small ? 500 : liveRuns;
  const held = await measureHeldRuns(worked.snapshots, { wanted, startAtMs });
  const stacks = new Set(captures.map(({ name }) => name.split("/", 1)[0]));
  return {
    title: "analyzer-throughput",
    measures: `OTLP bytes on a memory bus to findings, one partition, enforce profile, without embedding: ${String(captures.length)} recorded runs of ${String(stacks.size)} stacks per copy, ids of their own in every copy; CPU of the process`,
    bar: "≥ 20,000 spans/s per core; memory per live run ≤ 20 KB, 100,000 of them < 2.5 GB",
    doesNotMeasure: "the database (rows are made ready and forgotten), a durable bus, embedding, HTTP",
    measurements: measurementsOf({ rounds, worked, held }),
  };
}

export const analyzerThroughput: Benchmark = { run };
