import type { FindingKind } from "@plumbline/contracts";
import { type Proportion, proportionOf } from "./proportion.ts";
import type { LoopVerdict } from "./run-record.ts";
import { holdOf, type LoopScore, scoreLoops, type ScoredRun } from "./score-loops.ts";

export interface DetectorScore {
  kind: FindingKind;
  runs: number;
  /** Runs in which it went at least as far as a nudge, and a pause. */
  nudged: number;
  paused: number;
  /** Of the clear verdicts it held first: how many are loops. */
  precision: Proportion;
}

export interface EvaluationSummary {
  runs: number;
  steps: number;
  overall: LoopScore;
  bySource: { source: string; runs: number; score: LoopScore }[];
  byDetector: DetectorScore[];
}

function detectorScore(
  kind: FindingKind,
  runs: readonly ScoredRun[],
  verdicts: ReadonlyMap<string, LoopVerdict>,
): DetectorScore {
  const own = (run: ScoredRun) => run.evaluation.findings.filter((finding) => finding.kind === kind);
  const found = runs.filter((run) => own(run).length > 0);
  const judged = runs.flatMap((run) => {
    const verdict = verdicts.get(run.runId);
    return verdict?.confidence === "clear" && holdOf(run.evaluation)?.kind === kind ? [verdict] : [];
  });
  return {
    kind,
    runs: found.length,
    nudged: found.filter((run) => own(run).some(({ action }) => action !== "observe")).length,
    paused: found.filter((run) => own(run).some(({ action }) => action === "pause" || action === "kill"))
      .length,
    precision: proportionOf(judged.filter(({ verdict }) => verdict === "true_loop").length, judged.length),
  };
}

/** Figures over all runs, per source and per detector. */
export function summariseEvaluation(
  runs: readonly ScoredRun[],
  verdicts: readonly LoopVerdict[],
): EvaluationSummary {
  const byRun = new Map(verdicts.map((verdict) => [verdict.run_id, verdict]));
  const sources = [...new Set(runs.map((run) => run.source))].sort();
  const kinds = [
    ...new Set(runs.flatMap((run) => run.evaluation.findings.map((finding) => finding.kind))),
  ].sort();
  return {
    runs: runs.length,
    steps: runs.reduce((sum, run) => sum + run.evaluation.steps, 0),
    overall: scoreLoops(runs, verdicts),
    bySource: sources.map((source) => {
      const own = runs.filter((run) => run.source === source);
      return { source, runs: own.length, score: scoreLoops(own, verdicts) };
    }),
    byDetector: kinds.map((kind) => detectorScore(kind, runs, byRun)),
  };
}
