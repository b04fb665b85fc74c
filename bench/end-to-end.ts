import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { header, systemClock, topic } from "@plumbline/contracts";
import { createChdbStore, type Store, type TableItems, type TableName } from "@plumbline/store";
import { splitProtobuf } from "../packages/collector/src/forward/split-protobuf.ts";
import { traces } from "../packages/collector/src/receive/signal.ts";
import { collectorSettingsSchema } from "@plumbline/collector";
import { startAnalyzerBench } from "./support/analyzer-bench.ts";
import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { createSpanSource } from "./support/genai-spans.ts";
import { createRecordingRows, type RecordedRows } from "./support/recording-rows.ts";
import type { Measurement, Report } from "./support/report.ts";
import { type Stack, startStack } from "./support/stack.ts";

const spansPerRequest = 512;
const requestsAtOnce = 4;
const rowsPerInsert = 2_000;
const longestMs = 120_000;
const pollMs = 250;
const repetitions = 3;
const { limits } = collectorSettingsSchema.parse({});
const retryMs = 100;
/** For what a load leaves to be written after its last row. */
const settleMs = 3_000;

const secondsSince = (startMs: number): number => (systemClock.nowMs() - startMs) / 1000;

function bodiesOf(prefix: string, spans: number): Uint8Array[] {
  const source = createSpanSource(prefix);
  const count = Math.ceil(spans / spansPerRequest);
  return Array.from({ length: count }, () => source.next(spansPerRequest, systemClock.nowMs()));
}

/** Sends until it is taken: a full queue answers 503 and is asked again. */
async function sendUntilTaken(url: string, body: Uint8Array): Promise<void> {
  const giveUpAtMs = systemClock.nowMs() + longestMs;
  while (systemClock.nowMs() < giveUpAtMs) {
    const init = { method: "POST", headers: { "content-type": "application/x-protobuf" }, body };
    const response = await fetch(url, init);
    await response.arrayBuffer();
    if (response.ok) return;
    await systemClock.sleep(retryMs);
  }
}

async function sendAll(url: string, bodies: readonly Uint8Array[]): Promise<void> {
  const waiting = [...bodies];
  const sendOn = async (): Promise<void> => {
    for (let body = waiting.shift(); body !== undefined; body = waiting.shift())
      await sendUntilTaken(url, body);
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, sendOn));
}

async function countOf(stack: Stack, query: string): Promise<number> {
  const result = await stack.client.sql(query).catch(() => undefined);
  return Number(result?.rows[0]?.["Count"] ?? 0);
}

/** Seconds from `startMs` until the query counts that many; NaN when it never does. */
async function secondsUntil(
  stack: Stack,
  startMs: number,
  count: { query: string; wanted: number },
): Promise<number> {
  while (secondsSince(startMs) * 1000 < longestMs) {
    if ((await countOf(stack, count.query)) >= count.wanted) return secondsSince(startMs);
    await systemClock.sleep(pollMs);
  }
  return Number.NaN;
}

interface Flow {
  /** Until the last request was answered: everything is on the bus. */
  takenSeconds: number;
  /** Until the last raw row was in its table. */
  rawSeconds: number;
  /** Until the last step was in its table as well. */
  stepSeconds: number;
}

const rawRows = "SELECT count() AS Count FROM otel_traces WHERE ScopeName = 'bench'";
const distinctSteps = "SELECT uniqExact(StepId) AS Count FROM steps";

/** What is sent, and how many steps come of it. */
interface Load {
  bodies: readonly Uint8Array[];
  steps: number;
}

const spansOf = ({ bodies }: Load): number => bodies.length * spansPerRequest;

/** HTTP in to rows in the tables, beside those that are there already. */
async function measureFlow(stack: Stack, load: Load): Promise<Flow> {
  const raw = { query: rawRows, wanted: (await countOf(stack, rawRows)) + spansOf(load) };
  const steps = { query: distinctSteps, wanted: (await countOf(stack, distinctSteps)) + load.steps };
  const startMs = systemClock.nowMs();
  await sendAll(`${stack.otlpUrl}/v1/traces`, load.bodies);
  const takenSeconds = secondsSince(startMs);
  const rawSeconds = await secondsUntil(stack, startMs, raw);
  return { takenSeconds, rawSeconds, stepSeconds: await secondsUntil(stack, startMs, steps) };
}

/** The rows that the analyzer makes of the requests. */
async function rowsOf(bodies: readonly Uint8Array[]): Promise<RecordedRows> {
  const { store, rows } = createRecordingRows();
  const bench = await startAnalyzerBench({ startAtMs: systemClock.nowMs(), store });
  for (const body of bodies) {
    const { records } = splitProtobuf(body, traces, limits);
    const headers = { [header.contentType]: "application/x-protobuf" };
    await bench.publish(
      records.map(({ key, value }) => ({ topic: topic.spans, record: { key, value, headers } })),
    );
  }
  await bench.idle();
  await bench.close();
  return rows;
}

async function insertTable<Name extends TableName>(
  store: Store,
  table: Name,
  items: readonly TableItems[Name][],
): Promise<void> {
  for (let from = 0; from < items.length; from += rowsPerInsert)
    await store.insert(table, items.slice(from, from + rowsPerInsert), `bench:${table}:${String(from)}`);
}

/** Seconds that the rows take when nothing but the store is at work: all tables, and the raw rows alone. */
async function measureInserts(rows: RecordedRows): Promise<{ allSeconds: number; rawSeconds: number }> {
  const directory = await mkdtemp(join(tmpdir(), "plumbline-bench-"));
  const store = await createChdbStore({ directory });
  try {
    await store.migrate();
    const startMs = systemClock.nowMs();
    await insertTable(store, "otel_traces", rows.otel_traces ?? []);
    const rawSeconds = secondsSince(startMs);
    for (const table of Object.keys(rows) as TableName[])
      if (table !== "otel_traces") await insertTable(store, table, rows[table] ?? []);
    return { allSeconds: secondsSince(startMs), rawSeconds };
  } finally {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  }
}

interface Round {
  spans: number;
  /** Of a process that has just begun. */
  cold: Flow;
  /** As many spans again, by the same process. */
  warm: Flow;
  inserts: { allSeconds: number; rawSeconds: number };
}

/** Two loads of the same size, one after the other, through `plumbline up` in a process of its own. */
async function measureRound(repetition: number, spans: number): Promise<Round> {
  const cold = bodiesOf(`cold-${String(repetition)}-`, spans);
  const warm = bodiesOf(`warm-${String(repetition)}-`, spans);
  const rows = await rowsOf(cold);
  const steps = new Set(rows.steps?.map(({ stepId }) => stepId)).size;
  const inserts = await measureInserts(rows);
  const stack = await startStack();
  try {
    const coldFlow = await measureFlow(stack, { bodies: cold, steps });
    await systemClock.sleep(settleMs);
    const warmFlow = await measureFlow(stack, { bodies: warm, steps });
    return { spans: spansOf({ bodies: cold, steps }), cold: coldFlow, warm: warmFlow, inserts };
  } finally {
    await stack.close();
  }
}

function flowLines(name: "cold" | "warm", rounds: readonly Round[]): Measurement[] {
  const line = (what: string, unit: string, valueOf: (round: Round, flow: Flow) => number): Measurement => ({
    name: `${name}: ${what}`,
    unit,
    values: rounds.map((round) => valueOf(round, round[name])),
  });
  return [
    line("HTTP in → durable on the bus", "spans/s", ({ spans }, flow) => spans / flow.takenSeconds),
    line("HTTP in → raw rows in otel_traces", "spans/s", ({ spans }, flow) => spans / flow.rawSeconds),
    line("HTTP in → all rows, steps included", "spans/s", ({ spans }, flow) => spans / flow.stepSeconds),
    line("raw rows: share of the baseline", "", ({ inserts }, flow) => inserts.rawSeconds / flow.rawSeconds),
    line("all rows: share of the baseline", "", ({ inserts }, flow) => inserts.allSeconds / flow.stepSeconds),
  ];
}

function measurementsOf(rounds: readonly Round[]): Measurement[] {
  const line = (name: string, unit: string, valueOf: (round: Round) => number): Measurement => ({
    name,
    unit,
    values: rounds.map(valueOf),
  });
  return [
    line("spans sent, cold and warm each", "", ({ spans }) => spans),
    line(
      "baseline: bare inserts of the raw rows",
      "spans/s",
      ({ spans, inserts }) => spans / inserts.rawSeconds,
    ),
    line("baseline: bare inserts of all rows", "spans/s", ({ spans, inserts }) => spans / inserts.allSeconds),
    ...flowLines("cold", rounds),
    ...flowLines("warm", rounds),
  ];
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const rounds: Round[] = [];
  for (let repetition = 0; repetition < repetitions; repetition += 1)
    rounds.push(await measureRound(repetition, small ? 2_048 : 20_480));
  return {
    title: "end-to-end",
    measures:
      "GenAI spans of 200 runs at a time, OTLP/HTTP protobuf, 512 spans a request and four requests at once, sent as fast as they are taken, into `plumbline up` (SQLite bus, chdb); time until the rows can be counted by SQL; a load into a process that has just begun (cold), then another as large (warm). Baseline: the same rows, made before, inserted by 2,000 into a fresh chdb of the benchmark's process",
    bar: "≥ 5,000 spans/s and ≥ 80 % of the bare inserts",
    doesNotMeasure:
      "hours of load (merges, retention), gzip, gRPC, a ClickHouse server; the sender shares the machine",
    measurements: measurementsOf(rounds),
  };
}

export const endToEnd: Benchmark = { run };
