import {
  type AgentTotals,
  type BacktestCounts,
  type BacktestedRun,
  type BacktestSummary,
  type BacktestTotals,
  costAfterHold,
  type DetectorTotals,
  hasCompleted,
  stepsAfterHold,
} from "@plumbline/analyzer";
import { formatUsd } from "../format/quantities.ts";
import { formatTable, oneLine } from "../format/table.ts";

export interface BacktestPage {
  source: string;
  /** Milliseconds since the epoch; 0 for all there is. */
  sinceMs: number;
  counts: Readonly<BacktestCounts>;
  leftOut: readonly string[];
  summary: BacktestSummary;
  runs: readonly BacktestedRun[];
}

const maxRows = 20;
const right = "right" as const;
const count = (value: number): string => value.toLocaleString("en-US");
const counted = (value: number, one: string): string => `${count(value)} ${one}${value === 1 ? "" : "s"}`;
const timeText = (timeMs: number): string => new Date(timeMs).toISOString().slice(0, 19).replace("T", " ");

function unpricedNote({ unpricedCalls }: BacktestTotals): string {
  return unpricedCalls === 0
    ? ""
    : ` (${counted(unpricedCalls, "model call")} of unknown price or usage left out)`;
}

function formatHead({ source, sinceMs, counts, summary }: BacktestPage): string {
  const { totals, byAgent } = summary;
  const since = sinceMs === 0 ? "" : ` since ${timeText(sinceMs)} UTC`;
  const records = `${counted(counts.spans, "span")}, ${counted(counts.logs, "log record")}`;
  return [
    `BACKTEST  ${source}${since}: ${records}; everything enforced, as if every agent had a gate`,
    `Runs      ${count(totals.runs)} of ${counted(byAgent.length, "agent")}, ${count(totals.completed)} came to their own end; ${counted(totals.steps, "step")}, ${formatUsd(totals.costMicroUsd)}${unpricedNote(totals)}`,
    `Burned    ${counted(totals.endedStuck, "run")} ended stuck: ${counted(totals.stepsAfterProgress, "step")} and ${formatUsd(totals.costAfterProgressMicroUsd)} after their last progress`,
    `Held      ${counted(totals.held, "run")} would have been held and ${count(totals.nudged)} nudged; ${counted(totals.stepsAfterHold, "step")} and ${formatUsd(totals.costAfterHoldMicroUsd)} came after the hold`,
    `To judge  ${count(totals.completedHeld)} of ${counted(totals.completed, "completed run")} would have been held`,
    `Fits      profile ${summary.fits.profile}: ${summary.fits.reason}`,
  ].join("\n");
}

function listTitle(title: string, length: number): string {
  return length > maxRows ? `${title} (${String(maxRows)} of ${count(length)}; --json has all)` : title;
}

function formatHeld(runs: readonly BacktestedRun[]): string[] {
  const held = runs
    .filter(({ hold }) => hold !== null)
    .toSorted(
      (first, second) =>
        costAfterHold(second) - costAfterHold(first) || stepsAfterHold(second) - stepsAfterHold(first),
    );
  if (held.length === 0) return [];
  const columns = [
    { title: "RUN", maxWidth: 36 },
    { title: "AGENT", maxWidth: 24 },
    { title: "ENDED" },
    { title: "HELD BY" },
    { title: "AT STEP", align: right },
    { title: "AT (UTC)" },
    { title: "STEPS AFTER", align: right },
    { title: "COST AFTER", align: right },
  ];
  const rows = held
    .slice(0, maxRows)
    .map((run) => [
      run.runId,
      run.agent,
      run.ending,
      run.hold?.kind ?? "",
      `${String(run.hold?.atStep ?? 0)} of ${String(run.steps)}`,
      timeText(run.hold?.atMs ?? 0),
      count(stepsAfterHold(run)),
      formatUsd(costAfterHold(run)),
    ]);
  return [`${listTitle("WHERE EACH WOULD HAVE BEEN HELD", held.length)}\n${formatTable(columns, rows)}`];
}

function formatToJudge(runs: readonly BacktestedRun[]): string[] {
  const held = runs.filter((run) => run.hold !== null && hasCompleted(run));
  if (held.length === 0) return [];
  const columns = [
    { title: "FINDING" },
    { title: "RUN", maxWidth: 36 },
    { title: "GOAL", maxWidth: 40 },
    { title: "WHY", maxWidth: 80 },
  ];
  const rows = held.slice(0, maxRows).map((run) => {
    const findingId = run.hold?.findingId ?? "";
    const why = run.findings.find((finding) => finding.findingId === findingId)?.summary ?? "";
    return [findingId, run.runId, run.goal, why];
  });
  const title = listTitle("TO JUDGE: completed, yet would have been held", held.length);
  return [`${title}\n${formatTable(columns, rows)}`];
}

function formatAgents(agents: readonly AgentTotals[]): string {
  const columns = [
    { title: "AGENT", maxWidth: 32 },
    ...["RUNS", "COMPLETED", "NUDGED", "HELD", "TO JUDGE", "COST", "COST AFTER HOLD"].map((title) => ({
      title,
      align: right,
    })),
  ];
  const rows = agents
    .slice(0, maxRows)
    .map(({ agent, totals }) => [
      agent === "" ? "(unnamed)" : agent,
      count(totals.runs),
      count(totals.completed),
      count(totals.nudged),
      count(totals.held),
      count(totals.completedHeld),
      formatUsd(totals.costMicroUsd),
      formatUsd(totals.costAfterHoldMicroUsd),
    ]);
  return `${listTitle("PER AGENT", agents.length)}\n${formatTable(columns, rows)}`;
}

function formatDetectors(detectors: readonly DetectorTotals[]): string[] {
  if (detectors.length === 0) return [];
  const columns = [
    { title: "DETECTOR" },
    ...["RUNS", "NUDGED FIRST", "HELD FIRST", "TO JUDGE"].map((title) => ({ title, align: right })),
  ];
  const rows = detectors.map(({ kind, runs, nudgedFirst, heldFirst, completedHeldFirst }) => [
    kind,
    count(runs),
    count(nudgedFirst),
    count(heldFirst),
    count(completedHeldFirst),
  ]);
  return [`PER DETECTOR\n${formatTable(columns, rows)}`];
}

function formatLeftOut({ counts, leftOut }: BacktestPage): string[] {
  if (counts.rejected === 0) return [];
  const reasons = leftOut.map((reason) => `  ${oneLine(reason, 160)}`);
  return [`LEFT OUT  ${counted(counts.rejected, "record or file")}\n${reasons.join("\n")}`];
}

/** The answer of a backtest on one page. */
export function formatBacktest(page: BacktestPage): string {
  const { summary, runs } = page;
  if (runs.length === 0) return [`No runs in ${page.source}.`, ...formatLeftOut(page)].join("\n\n");
  return [
    formatHead(page),
    ...formatHeld(runs),
    ...formatToJudge(runs),
    formatAgents(summary.byAgent),
    ...formatDetectors(summary.byDetector),
    ...formatLeftOut(page),
  ].join("\n\n");
}
