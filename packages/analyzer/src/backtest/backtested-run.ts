import type { FindingKind, Intervention } from "@plumbline/contracts";

/** A finding in the strongest form it reached. */
export interface BacktestedFinding {
  findingId: string;
  kind: FindingKind;
  confidence: number;
  summary: string;
  intervention: Intervention;
  /** First step of its evidence. */
  firstStep: number;
  /** Step at which it reached its intervention. */
  atStep: number;
}

/** A moment at which the run would have been told something. */
export interface BacktestedMoment {
  findingId: string;
  kind: FindingKind;
  atStep: number;
  atMs: number;
  /** What the run had cost by then, in millionths of a US dollar. */
  costMicroUsd: number;
}

/**
 * How a run ended as far as its telemetry tells: `answered` where nothing says so but the last thing it did was a reply
 * without a tool call; `unknown` where the telemetry just stops.
 */
export type BacktestedEnding = "completed" | "answered" | "failed" | "unknown";

/** What would have become of one recorded run. Money in millionths of a US dollar. */
export interface BacktestedRun {
  runId: string;
  agent: string;
  goal: string;
  ending: BacktestedEnding;
  startedAtMs: number;
  endedAtMs: number;
  steps: number;
  costMicroUsd: number;
  /** Model calls without a known price: the cost leaves them out. */
  unpricedCalls: number;
  lastProgressStep: number;
  costSinceProgressMicroUsd: number;
  /** It ended without anything new after a finding at or above nudge. */
  endedStuck: boolean;
  nudge: BacktestedMoment | null;
  hold: BacktestedMoment | null;
  findings: BacktestedFinding[];
}

/** Whether the run came to its own end; it may still have given up. */
export function hasCompleted({ ending }: BacktestedRun): boolean {
  return ending === "completed" || ending === "answered";
}

/** Money that went out after the run would have been held. */
export function costAfterHold(run: BacktestedRun): number {
  return run.hold === null ? 0 : Math.max(0, run.costMicroUsd - run.hold.costMicroUsd);
}

/** Steps made after the run would have been held. */
export function stepsAfterHold(run: BacktestedRun): number {
  return run.hold === null ? 0 : Math.max(0, run.steps - run.hold.atStep);
}

/** A run that was closed and came again is one run: what is counted adds up, the first moments stand. */
export function joinedRuns(first: BacktestedRun, second: BacktestedRun): BacktestedRun {
  const moved = (moment: BacktestedMoment | null): BacktestedMoment | null =>
    moment === null
      ? null
      : {
          ...moment,
          atStep: first.steps + moment.atStep,
          costMicroUsd: first.costMicroUsd + moment.costMicroUsd,
        };
  return {
    ...second,
    goal: first.goal === "" ? second.goal : first.goal,
    startedAtMs: Math.min(first.startedAtMs, second.startedAtMs),
    endedAtMs: Math.max(first.endedAtMs, second.endedAtMs),
    steps: first.steps + second.steps,
    costMicroUsd: first.costMicroUsd + second.costMicroUsd,
    unpricedCalls: first.unpricedCalls + second.unpricedCalls,
    lastProgressStep: first.steps + second.lastProgressStep,
    nudge: first.nudge ?? moved(second.nudge),
    hold: first.hold ?? moved(second.hold),
    findings: [...first.findings, ...second.findings],
  };
}
