import type { ReceivedRecord } from "@plumbline/bus";
import { header, type Observation, topic } from "@plumbline/contracts";
import { decodeLogs, decodeTraces } from "../packages/analyzer/src/ingest/decode/decode.ts";
import { readRecord } from "../packages/analyzer/src/ingest/read-record.ts";
import type { Assembly } from "../packages/analyzer/src/runs/assemble/assembler.ts";
import { createAssembler } from "../packages/analyzer/src/runs/assemble/create-assembler.ts";
import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { type Capture, type MixRecord, readCaptures } from "./support/capture-mix.ts";
import { measureCpu } from "./support/cpu-time.ts";
import { createSpanSource, spansPerRun } from "./support/genai-spans.ts";
import type { Measurement, Report } from "./support/report.ts";

const assembler = createAssembler();
const runOfBench = { tenantId: "", runId: "bench" };
const contentType = "application/x-protobuf";
const turnCounts = [10, 20, 40] as const;
const nowMs = Date.UTC(2026, 0, 1);

/** The records of one run. */
type Run = readonly MixRecord[];

function decodeRun(run: Run): number {
  let items = 0;
  for (const { topic: name, record } of run) {
    const decode = name === topic.logs ? decodeLogs : decodeTraces;
    items += decode(record.value, record.headers?.[header.contentType] ?? "").length;
  }
  return items;
}

function observationsOf(run: Run): Observation[] {
  return run.flatMap(({ topic: name, record }, offset): Observation[] => {
    const { key, value, headers = {} } = record;
    const received: ReceivedRecord = {
      topic: name,
      partition: 0,
      offset,
      key,
      value,
      headers,
      timestampMs: nowMs,
    };
    return readRecord(received).drafts.map(({ observation }): Observation => ({
      ...observation,
      affinity: runOfBench.runId,
      aliases: [],
    }));
  });
}

/** The state at the end of the run, so that nothing of the work can be left out. */
function assembleRun(observations: readonly Observation[]): Assembly {
  let state = assembler.begin(runOfBench);
  for (const observation of observations) ({ state } = assembler.next(state, observation));
  return state;
}

interface Round {
  items: number;
  spans: number;
  bytes: number;
  decodeSeconds: number;
  readSeconds: number;
  allSeconds: number;
}

/** The same runs decoded, then decoded and recognised, then assembled as well. */
async function measureRuns(runs: readonly Run[]): Promise<Round> {
  const decoded = await measureCpu(() => runs.reduce((sum, run) => sum + decodeRun(run), 0));
  const read = await measureCpu(() => runs.reduce((sum, run) => sum + observationsOf(run).length, 0));
  const all = await measureCpu(() => {
    for (const run of runs) assembleRun(observationsOf(run));
  });
  const records = runs.flat();
  return {
    items: decoded.result,
    spans: records
      .filter(({ topic: name }) => name === topic.spans)
      .reduce(
        (sum, { record }) =>
          sum + decodeTraces(record.value, record.headers?.[header.contentType] ?? "").length,
        0,
      ),
    bytes: records.reduce((sum, { record }) => sum + record.value.byteLength, 0),
    decodeSeconds: decoded.cpuSeconds,
    readSeconds: read.cpuSeconds,
    allSeconds: all.cpuSeconds,
  };
}

function mixRuns(captures: readonly Capture[], from: number, copies: number): Run[] {
  const numbers = Array.from({ length: copies }, (_, index) => from + index);
  return numbers.flatMap((copy) =>
    captures.map((capture, index) => capture.copy(copy * captures.length + index)),
  );
}

/** Runs that send their whole history with every model call, a record per span. */
function longRuns(prefix: string, turns: number, runs: number): Run[] {
  const source = createSpanSource(prefix, { turns, runsAtOnce: 1 });
  const headers = { [header.contentType]: contentType };
  return Array.from({ length: runs }, (_, run) =>
    Array.from({ length: spansPerRun(turns) }, (_span, index): MixRecord => {
      const value = source.next(1, nowMs + index * 1_000);
      return { topic: topic.spans, record: { key: `${prefix}${String(run)}`, value, headers } };
    }),
  );
}

interface LongRuns {
  turns: number;
  rounds: Round[];
  /** State of one such run at its end, as JSON. */
  stateBytes: number;
}

async function measureLongRuns(turns: number, sizes: Sizes): Promise<LongRuns> {
  const rounds: Round[] = [];
  for (let repetition = -1; repetition < sizes.repetitions; repetition += 1) {
    const runs = longRuns(`long-${String(turns)}-${String(repetition)}-`, turns, sizes.longRuns);
    const round = await measureRuns(runs);
    if (repetition >= 0) rounds.push(round);
  }
  const [run = []] = longRuns(`long-${String(turns)}-`, turns, 1);
  return { turns, rounds, stateBytes: JSON.stringify(assembleRun(observationsOf(run))).length };
}

interface Sizes {
  copies: number;
  repetitions: number;
  longRuns: number;
}

async function measureMix(captures: readonly Capture[], { copies, repetitions }: Sizes): Promise<Round[]> {
  await measureRuns(mixRuns(captures, 0, 1));
  const rounds: Round[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1)
    rounds.push(await measureRuns(mixRuns(captures, 1 + repetition * copies, copies)));
  return rounds;
}

const line = (
  rounds: readonly Round[],
  [name, unit, valueOf]: readonly [name: string, unit: string, valueOf: (round: Round) => number],
): Measurement => ({ name, unit, values: rounds.map(valueOf) });

const microsPerSpan = (round: Round): number => (round.allSeconds * 1e6) / round.spans;

function mixLines(rounds: readonly Round[]): Measurement[] {
  const lines: (readonly [string, string, (round: Round) => number])[] = [
    [
      "recorded mix: spans per CPU-second (log records along, not counted)",
      "1/s",
      (r) => r.spans / r.allSeconds,
    ],
    ["recorded mix: spans and log records per CPU-second", "1/s", (r) => r.items / r.allSeconds],
    ["recorded mix: decode and recognise alone", "1/s", (r) => r.items / r.readSeconds],
    ["baseline: bare decoding", "1/s", (r) => r.items / r.decodeSeconds],
    ["share of bare decoding in the whole", "", (r) => r.decodeSeconds / r.allSeconds],
  ];
  return lines.map((each) => line(rounds, each));
}

function longLines({ turns, rounds, stateBytes }: LongRuns): Measurement[] {
  const name = `${String(turns)} turns with the whole history each`;
  const lines: (readonly [string, string, (round: Round) => number])[] = [
    [`${name}: bytes per span`, "bytes", (r) => r.bytes / r.spans],
    [`${name}: CPU per span`, "µs", microsPerSpan],
    [`${name}: CPU per KiB received`, "µs", (r) => (r.allSeconds * 1e6) / (r.bytes / 1024)],
  ];
  return [
    ...lines.map((each) => line(rounds, each)),
    { name: `${name}: state at the end`, unit: "bytes", values: [stateBytes] },
  ];
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const sizes = small
    ? { copies: 1, repetitions: 3, longRuns: 20 }
    : { copies: 4, repetitions: 5, longRuns: 100 };
  const mix = await measureMix(readCaptures(), sizes);
  const long: LongRuns[] = [];
  for (const turns of turnCounts) long.push(await measureLongRuns(turns, sizes));
  return {
    title: "decode-recognise-assemble",
    measures:
      "OTLP bytes to steps, run by run in one thread, without a bus, affinity, detection or rows; the recorded runs under new ids, and made runs that send their whole history with every model call; CPU of the process",
    bar: "≥ 20,000 spans/s per core for the whole analyzer, of which this is a part; CPU per KiB and state flat from 10 to 40 turns",
    doesNotMeasure: "the bus, the choice of the run, detection, the database",
    measurements: [...mixLines(mix), ...long.flatMap(longLines)],
  };
}

export const decodeRecogniseAssemble: Benchmark = { run };
