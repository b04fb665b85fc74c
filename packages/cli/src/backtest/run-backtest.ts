import { Backtest, type BacktestCounts, type BacktestedRun } from "@plumbline/analyzer";
import type { Clock } from "@plumbline/contracts";
import type { ProgressShow } from "./progress-line.ts";
import type { BacktestState, StateFile } from "./state-file.ts";
import type { TelemetrySource, TelemetryUnit } from "./telemetry-source.ts";

export interface BacktestTools {
  source: TelemetrySource;
  sinceMs: number;
  /** Of an earlier process that did not come to its end. */
  before: BacktestState | undefined;
  stateFile: StateFile;
  progress: ProgressShow;
  clock: Clock;
  signal: AbortSignal;
}

export interface BacktestResult {
  isWhole: boolean;
  units: number;
  unitsDone: number;
  runs: BacktestedRun[];
  counts: Readonly<BacktestCounts>;
  reasons: readonly string[];
}

const saveEveryMs = 10_000;
const showEveryMs = 100;

interface Position {
  backtest: Backtest;
  units: readonly TelemetryUnit[];
  done: Set<string>;
  shownAtMs: number;
}

function showProgress(position: Position, { progress, clock }: BacktestTools): void {
  const nowMs = clock.nowMs();
  if (nowMs - position.shownAtMs < showEveryMs) return;
  position.shownAtMs = nowMs;
  const { backtest, units, done } = position;
  const { runCount: runs, heldCount: held, counts } = backtest;
  progress.show({ done: done.size, units: units.length, spans: counts.spans, runs, held });
}

/** @returns false when it was interrupted within the unit */
async function readUnit(unit: TelemetryUnit, position: Position, tools: BacktestTools): Promise<boolean> {
  const { backtest } = position;
  for await (const part of unit.read()) {
    if (typeof part === "string") backtest.reject(part);
    else backtest.feed(part);
    showProgress(position, tools);
    if (tools.signal.aborted) return false;
  }
  backtest.endUnit();
  position.done.add(unit.name);
  return true;
}

function save({ backtest, done }: Position, { stateFile, sinceMs }: BacktestTools): Promise<void> {
  return stateFile.save({ version: 1, sinceMs, done: [...done], snapshot: backtest.snapshot() });
}

async function readAll(position: Position, tools: BacktestTools): Promise<boolean> {
  const { clock, signal } = tools;
  let savedAtMs = clock.nowMs();
  for (const unit of position.units) {
    if (position.done.has(unit.name)) continue;
    if (!(await readUnit(unit, position, tools))) return false;
    const isDue = signal.aborted || clock.nowMs() - savedAtMs >= saveEveryMs;
    if (!isDue) continue;
    await save(position, tools);
    if (signal.aborted) return false;
    savedAtMs = clock.nowMs();
  }
  return true;
}

/** Reads a source to its end or to an interruption; what was done by then is kept for the next process. */
export async function runBacktest(tools: BacktestTools): Promise<BacktestResult> {
  const backtest = new Backtest({ sinceMs: tools.sinceMs });
  if (tools.before !== undefined) backtest.restore(tools.before.snapshot);
  const units = await tools.source.units();
  const position: Position = { backtest, units, done: new Set(tools.before?.done), shownAtMs: 0 };
  const isWhole = await readAll(position, tools);
  tools.progress.end();
  if (isWhole) await tools.stateFile.remove();
  return {
    isWhole,
    units: units.length,
    unitsDone: position.done.size,
    runs: isWhole ? backtest.finish() : [],
    counts: backtest.counts,
    reasons: backtest.reasons,
  };
}
