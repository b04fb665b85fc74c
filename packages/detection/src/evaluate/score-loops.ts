import type { FindingKind } from "@plumbline/contracts";
import type { EvaluatedFinding, RunEvaluation } from "./evaluate-run.ts";
import { type Proportion, proportionOf } from "./proportion.ts";
import type { LoopVerdict, RunRecord } from "./run-record.ts";

/** What scoring keeps of a run. */
export interface ScoredRun {
  runId: string;
  source: string;
  outcome: RunRecord["outcome"];
  /** Indices of the tool calls, in order. */
  toolSteps: readonly number[];
  evaluation: RunEvaluation;
}

const loopKinds: ReadonlySet<FindingKind> = new Set<FindingKind>([
  "exact-loop",
  "semantic-loop",
  "no-progress",
  "retry-storm",
]);

/** The first finding of a loop kind that holds the run. */
export function holdOf(evaluation: RunEvaluation): EvaluatedFinding | null {
  return (
    evaluation.findings.find(
      ({ kind, action }) => loopKinds.has(kind) && (action === "pause" || action === "kill"),
    ) ?? null
  );
}

export function scoredRunOf(record: RunRecord, evaluation: RunEvaluation): ScoredRun {
  const toolSteps = record.steps.filter((step) => step.role === "tool").map((step) => step.i);
  return { runId: record.run_id, source: record.source, outcome: record.outcome, toolSteps, evaluation };
}

export interface LoopScore {
  recall: Proportion;
  precision: Proportion;
  /** Tool calls from where the loop begins to where it was held. */
  medianDelayCalls: number | null;
  successesHeld: Proportion;
  missed: string[];
  falseAlarms: string[];
  successesHeldIds: string[];
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

function delayOf(run: ScoredRun, firstStep: number, heldAt: number): number {
  const calls = run.toolSteps.filter((index) => index >= firstStep && index <= heldAt).length;
  return Math.max(0, calls - 1);
}

/** Recall and precision on the clear verdicts, and the share of successful runs that would have been held. */
export function scoreLoops(runs: readonly ScoredRun[], verdicts: readonly LoopVerdict[]): LoopScore {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  const found: { verdict: LoopVerdict; run: ScoredRun; hold: EvaluatedFinding | null }[] = verdicts.flatMap(
    (verdict) => {
      const run = byRun.get(verdict.run_id);
      return run === undefined || verdict.confidence !== "clear"
        ? []
        : [{ verdict, run, hold: holdOf(run.evaluation) }];
    },
  );
  const loops = found.filter(({ verdict }) => verdict.verdict === "true_loop");
  const others = found.filter(({ verdict }) => verdict.verdict !== "true_loop");
  const caught = loops.filter(({ hold }) => hold !== null);
  const alarms = others.filter(({ hold }) => hold !== null);
  const delays = caught.flatMap(({ run, verdict, hold }) =>
    hold === null ? [] : [delayOf(run, verdict.first_step ?? 0, hold.at_step)],
  );
  const trueLoops = new Set(
    verdicts.filter(({ verdict }) => verdict === "true_loop").map((verdict) => verdict.run_id),
  );
  const successes = runs.filter((run) => run.outcome === "success");
  const held = successes.filter((run) => holdOf(run.evaluation) !== null && !trueLoops.has(run.runId));
  return {
    recall: proportionOf(caught.length, loops.length),
    precision: proportionOf(caught.length, caught.length + alarms.length),
    medianDelayCalls: median(delays),
    successesHeld: proportionOf(held.length, successes.length),
    missed: loops.filter(({ hold }) => hold === null).map(({ run }) => run.runId),
    falseAlarms: alarms.map(({ run }) => run.runId),
    successesHeldIds: held.map((run) => run.runId),
  };
}
