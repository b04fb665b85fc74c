import {
  type DriftSummary,
  type DriftVerdict,
  driftVerdictOf,
  evaluateRun,
  type Monitor,
  type RunRecord,
  type RunState,
  scoreDrift,
  spliceRuns,
} from "@plumbline/detection";
import type { CommandContext } from "../../command-context.ts";
import { formatTable } from "../../format/table.ts";
import { formatProportion } from "./format-evaluation.ts";

export interface DriftRun {
  monitor: Monitor<RunState>;
  /** One run in so many is taken. */
  every: number;
  asJson: boolean;
}

function formatDrift({ bySource, overall, meanFar, meanNear, ...lists }: DriftSummary): string {
  const columns = [{ title: "SOURCE" }, { title: "FAR" }, { title: "NEAR" }, { title: "CONTROLS FLAGGED" }];
  const rows = [...bySource, { source: "all", score: overall }].map(({ source, score }) => [
    source,
    formatProportion(score.far),
    formatProportion(score.near),
    formatProportion(score.controls),
  ]);
  return [
    formatTable(columns, rows),
    `Mean over the sources: far ${meanFar.toFixed(3)}, near ${meanNear.toFixed(3)}.`,
    ...(lists.falseAlarms.length === 0 ? [] : [`FLAGGED CONTROLS\n  ${lists.falseAlarms.join("\n  ")}`]),
  ].join("\n\n");
}

/** Splices the runs and prints how often the change of goal was noticed. */
export function evaluateDrift(
  records: readonly RunRecord[],
  { monitor, every, asJson }: DriftRun,
  context: CommandContext,
): void {
  const verdicts: DriftVerdict[] = spliceRuns(records, { every }).map((spliced) =>
    driftVerdictOf(spliced, evaluateRun(monitor, spliced.record)),
  );
  const summary = scoreDrift(verdicts);
  if (asJson) {
    for (const { runId, kind, source, noticedAfter } of verdicts)
      context.print(JSON.stringify({ run_id: runId, kind, source, noticed_after: noticedAfter }));
    context.print(JSON.stringify({ drift: summary }));
  } else context.print(formatDrift(summary));
}
