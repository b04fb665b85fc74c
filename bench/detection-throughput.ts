import type { Step } from "@plumbline/contracts";
import { modelStep, toolStep } from "@plumbline/contracts/testing";
import { createMonitor, createPolicy, type RunState } from "@plumbline/detection";
import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { measureCpu } from "./support/cpu-time.ts";
import type { Measurement, Report } from "./support/report.ts";

const goal = "Check the orders of all customers of last week and report the open ones.";
const note = "Headphones, delivered on time, invoice sent, no complaint so far, warranty for two years.";
const monitor = createMonitor(createPolicy({ profile: "enforce" }));

/** A healthy run: a model call and a tool call in turn, each about another order, now and then a poll. */
function stepAt(sequence: number): Step {
  const order = `O-${String(Math.floor(sequence / 2) * 7 + 100)}`;
  if (sequence % 2 === 1)
    return modelStep(sequence, `Order ${order} looks fine; next I look at the one after it.`);
  if (sequence % 40 === 0)
    return toolStep(sequence, {
      name: "job_status",
      arguments: { id: "J-1" },
      result: { state: "running", percent: sequence % 100 },
    });
  const result = { order, state: sequence % 6 === 0 ? "open" : "sent", note, total: (sequence * 37) % 1_000 };
  return toolStep(sequence, { name: "get_order", arguments: { id: order }, result });
}

/** A stuck run: the same search in ever the same words. */
function stuckStepAt(sequence: number): Step {
  return sequence % 2 === 1
    ? modelStep(sequence, "I look for the order of ada@example.com.")
    : toolStep(sequence, { name: "find_orders", arguments: { q: "ada@example.com" }, result: { rows: [] } });
}

function begin(runId: string): RunState {
  const state = monitor.begin({ tenantId: "", runId, agentName: "checker" });
  return monitor.next(state, { type: "run-start", goal, limits: {}, hasGate: true, atMs: 1 }).state;
}

const follow = (state: RunState, steps: readonly Step[]): RunState => {
  let current = state;
  for (const step of steps) current = monitor.next(current, { type: "step", step }).state;
  return current;
};

const range = (from: number, count: number, at: (sequence: number) => Step): Step[] =>
  Array.from({ length: count }, (_, index) => at(from + index));

/** Steps per CPU-second over many runs of a stated length. */
async function throughput(runs: number, length: number, at: (sequence: number) => Step): Promise<number> {
  const steps = range(1, length, at);
  const { cpuSeconds } = await measureCpu(() => {
    for (let run = 0; run < runs; run += 1) follow(begin(`run-${String(run)}`), steps);
  });
  return (runs * length) / cpuSeconds;
}

/** CPU microseconds per step behind `position` steps; each repetition starts from the same state. */
async function costAt(position: number, repeat: number): Promise<number> {
  const before = follow(begin("long"), range(1, position, stepAt));
  const next = range(position + 1, 10, stepAt);
  const { cpuSeconds } = await measureCpu(() => {
    for (let index = 0; index < repeat; index += 1) follow(before, next);
  });
  return (cpuSeconds * 1_000_000) / (repeat * next.length);
}

async function baseline(repeat: number): Promise<number> {
  const steps = range(1, 100, stepAt);
  let characters = 0;
  const { cpuSeconds } = await measureCpu(() => {
    for (let index = 0; index < repeat; index += 1)
      for (const step of steps) characters += JSON.stringify(step).length;
  });
  return characters === 0 ? Number.NaN : (repeat * steps.length) / cpuSeconds;
}

async function repeated(count: number, measure: () => Promise<number>): Promise<number[]> {
  const values: number[] = [];
  for (let index = 0; index < count; index += 1) values.push(await measure());
  return values;
}

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const [repetitions, runs, repeat] = small ? [3, 20, 100] : [5, 200, 1_000];
  const of = (measure: () => Promise<number>): Promise<number[]> => repeated(repetitions ?? 3, measure);
  await throughput(runs ?? 1, 50, stepAt);
  const healthy = await of(() => throughput(runs ?? 1, 50, stepAt));
  const written = await of(() => baseline(repeat ?? 1));
  const positions = [10, 1_000, 10_000];
  const costs: Measurement[] = [];
  for (const position of positions)
    costs.push({
      name: `cost per step at step ${String(position)}`,
      unit: "µs",
      values: await of(() => costAt(position, repeat ?? 1)),
    });
  const bytes = positions.map((position): Measurement => {
    const state = JSON.stringify(follow(begin("bytes"), range(1, position, stepAt)));
    return {
      name: `serialised state after ${String(position)} steps`,
      unit: "bytes",
      values: [Buffer.byteLength(state)],
    };
  });
  return {
    title: "detection-throughput",
    measures:
      "steps through track, score, detect and decide (the monitor, enforce profile, no embedding) in one process, healthy runs of 50 steps, half of them model calls",
    bar: "cost per step flat from step 10 to step 10,000; state ≤ 20 KB per run; with the embedding cascade ≥ 2,000 steps/s on two cores",
    doesNotMeasure: "embedding, assembling, recorded runs (texts here are short), the analyzer around it",
    measurements: [
      { name: "steps per CPU-second, healthy runs", unit: "1/s", values: healthy },
      {
        name: "steps per CPU-second, stuck runs",
        unit: "1/s",
        values: await of(() => throughput(runs ?? 1, 50, stuckStepAt)),
      },
      {
        name: "baseline: writing the same steps as JSON, steps per CPU-second",
        unit: "1/s",
        values: written,
      },
      {
        name: "cost in units of writing the step as JSON",
        unit: "",
        values: healthy.map((value, index) => (written[index] ?? 0) / value),
      },
      ...costs,
      ...bytes,
    ],
  };
}

export const detectionThroughput: Benchmark = { run };
