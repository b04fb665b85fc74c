import { type FindingKind, findingKinds, interventions } from "@plumbline/contracts";
import type { Profile } from "@plumbline/detection";
import { type BacktestedRun, costAfterHold, hasCompleted, stepsAfterHold } from "./backtested-run.ts";

/** Figures of a set of runs. Money in millionths of a US dollar. */
export interface BacktestTotals {
  runs: number;
  completed: number;
  steps: number;
  costMicroUsd: number;
  unpricedCalls: number;
  nudged: number;
  held: number;
  /** Of those that came to their own end: each is a false alarm unless someone reads it and says otherwise. */
  completedHeld: number;
  stepsAfterHold: number;
  costAfterHoldMicroUsd: number;
  /** Runs that ended without anything new after a finding. */
  endedStuck: number;
  stepsAfterProgress: number;
  costAfterProgressMicroUsd: number;
}

export interface AgentTotals {
  agent: string;
  totals: BacktestTotals;
}

export interface DetectorTotals {
  kind: FindingKind;
  /** Runs in which it found something. */
  runs: number;
  /** Runs that it would have nudged or paused first. */
  nudgedFirst: number;
  heldFirst: number;
  completedHeldFirst: number;
}

export interface FittingProfile {
  profile: Profile;
  reason: string;
}

export interface BacktestSummary {
  totals: BacktestTotals;
  byAgent: AgentTotals[];
  byDetector: DetectorTotals[];
  fits: FittingProfile;
}

/** Share of completed runs that may be held by a profile which is left on. */
const tolerableShare = 0.005;
/** Fewer completed runs than this can't show the share above. */
const enoughRuns = 200;
const guardKinds: ReadonlySet<FindingKind> = new Set<FindingKind>(["budget", "exact-loop", "retry-storm"]);

const sumOf = (runs: readonly BacktestedRun[], amount: (run: BacktestedRun) => number): number =>
  runs.reduce((sum, run) => sum + amount(run), 0);

const countOf = (runs: readonly BacktestedRun[], applies: (run: BacktestedRun) => boolean): number =>
  runs.filter(applies).length;

/** Figures of any set of runs. */
export function totalsOf(runs: readonly BacktestedRun[]): BacktestTotals {
  const stuck = runs.filter((run) => run.endedStuck);
  return {
    runs: runs.length,
    completed: countOf(runs, hasCompleted),
    steps: sumOf(runs, ({ steps }) => steps),
    costMicroUsd: sumOf(runs, ({ costMicroUsd }) => costMicroUsd),
    unpricedCalls: sumOf(runs, ({ unpricedCalls }) => unpricedCalls),
    nudged: countOf(runs, ({ nudge }) => nudge !== null),
    held: countOf(runs, ({ hold }) => hold !== null),
    completedHeld: countOf(runs, (run) => run.hold !== null && hasCompleted(run)),
    stepsAfterHold: sumOf(runs, stepsAfterHold),
    costAfterHoldMicroUsd: sumOf(runs, costAfterHold),
    endedStuck: stuck.length,
    stepsAfterProgress: sumOf(stuck, ({ steps, lastProgressStep }) => Math.max(0, steps - lastProgressStep)),
    costAfterProgressMicroUsd: sumOf(stuck, ({ costSinceProgressMicroUsd }) => costSinceProgressMicroUsd),
  };
}

function agentTotals(runs: readonly BacktestedRun[]): AgentTotals[] {
  return [...Map.groupBy(runs, ({ agent }) => agent)]
    .map(([agent, own]) => ({ agent, totals: totalsOf(own) }))
    .toSorted(
      (first, second) =>
        second.totals.costAfterHoldMicroUsd - first.totals.costAfterHoldMicroUsd ||
        second.totals.held - first.totals.held ||
        second.totals.runs - first.totals.runs,
    );
}

function detectorTotals(runs: readonly BacktestedRun[]): DetectorTotals[] {
  return findingKinds.flatMap((kind) => {
    const found = runs.filter(({ findings }) => findings.some((finding) => finding.kind === kind));
    if (found.length === 0) return [];
    const heldFirst = found.filter(({ hold }) => hold?.kind === kind);
    return [
      {
        kind,
        runs: found.length,
        nudgedFirst: countOf(found, ({ nudge }) => nudge?.kind === kind),
        heldFirst: heldFirst.length,
        completedHeldFirst: countOf(heldFirst, hasCompleted),
      },
    ];
  });
}

/** Whether the default profile, which enforces the plainest detectors only, would have held the run. */
export function guardWouldHold({ findings }: BacktestedRun): boolean {
  return findings.some(
    ({ kind, intervention }) =>
      guardKinds.has(kind) && interventions.indexOf(intervention) >= interventions.indexOf("pause"),
  );
}

/**
 * The strictest profile under which at most one completed run in 200 would have been held, every such run counted as a
 * false alarm.
 */
export function fittingProfile(runs: readonly BacktestedRun[]): FittingProfile {
  const completed = runs.filter(hasCompleted);
  if (completed.length === 0)
    return { profile: "observe", reason: "no run is known to have completed, so nothing tells false alarms" };
  const held: [Profile, number][] = [
    ["enforce", countOf(completed, ({ hold }) => hold !== null)],
    ["guard", countOf(completed, guardWouldHold)],
  ];
  const fitting = held.find(([, count]) => count / completed.length <= tolerableShare);
  const of = `of ${String(completed.length)} completed runs`;
  if (fitting !== undefined) {
    const [profile, count] = fitting;
    const doubt = completed.length < enoughRuns ? ", too few to be sure" : "";
    return { profile, reason: `it would have held ${String(count)} ${of}${doubt}` };
  }
  const counts = held.map(([profile, count]) => `${profile} would have held ${String(count)}`).join(", ");
  return { profile: "observe", reason: `${counts} ${of}: judge those first` };
}

/** The page's figures. */
export function summariseBacktest(runs: readonly BacktestedRun[]): BacktestSummary {
  return {
    totals: totalsOf(runs),
    byAgent: agentTotals(runs),
    byDetector: detectorTotals(runs),
    fits: fittingProfile(runs),
  };
}
