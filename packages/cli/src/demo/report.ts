import type { RunDetail, RunSummary, SqlResult } from "@plumbline/contracts";
import { formatSqlResult } from "../commands/sql.ts";
import { formatDuration, formatUsd } from "../format/quantities.ts";
import { stateOf } from "../format/run-list.ts";
import { formatTable } from "../format/table.ts";
import type { Scenario } from "./scenario.ts";
import { timeToStopMs } from "./time-to-stop.ts";
import type { Verdict } from "./verdict.ts";

/** Where one agent of the demo stands at one moment. */
export interface AgentView {
  scenario: Scenario;
  run: RunSummary | undefined;
}

/** All there is to know of an agent after its end. */
export interface AgentOutcome {
  scenario: Scenario;
  detail: RunDetail | undefined;
}

const columns = [
  { title: "AGENT" },
  { title: "STATE" },
  { title: "WHY" },
  { title: "STEPS", align: "right" as const },
  { title: "PROGRESS", align: "right" as const },
  { title: "COST", align: "right" as const },
  { title: "FINDINGS", align: "right" as const },
  { title: "WHAT IT SHOWS", maxWidth: 72 },
];

/** One line per agent: where it stands now. */
export function formatAgents(views: readonly AgentView[]): string {
  const rows = views.map(({ scenario, run }) => {
    if (run === undefined) return [scenario.name, "starting", "", "", "", "", "", scenario.shows];
    return [
      scenario.name,
      stateOf(run),
      run.stopReason ?? "",
      String(run.lastSequence),
      run.progress.toFixed(2),
      formatUsd(run.costMicroUsd),
      String(run.openFindingIds.length),
      scenario.shows,
    ];
  });
  return formatTable(columns, rows);
}

/** Evidence of every finding, and how fast what had to be stopped was stopped. */
export function formatEvidence(outcomes: readonly AgentOutcome[]): string {
  const blocks = outcomes.flatMap(({ scenario, detail }) =>
    (detail?.findings ?? []).map((finding) => {
      const steps = finding.evidence
        .slice(-4)
        .map((item) => `    step ${String(item.sequence)}  ${item.name} ${item.call}  →  ${item.returned}`);
      return [
        `${scenario.name}: ${finding.kind} ${finding.confidence.toFixed(2)}. ${finding.summary}`,
        ...steps,
      ].join("\n");
    }),
  );
  return blocks.join("\n");
}

export function formatTimesToStop(outcomes: readonly AgentOutcome[]): string {
  const lines = outcomes.flatMap(({ scenario, detail }) => {
    const stopMs = detail === undefined ? undefined : timeToStopMs(detail);
    return stopMs === undefined ? [] : [`  ${scenario.name}: ${formatDuration(stopMs)}`];
  });
  return ["From the end of the deciding step to the closed gate:", ...lines].join("\n");
}

export function formatVerdicts(verdicts: readonly Verdict[]): string {
  const lines = verdicts.map(
    ({ agent, passed, differences }) =>
      `  ${passed ? "as expected" : "NOT AS EXPECTED"}  ${agent}${passed ? "" : `: ${differences.join("; ")}`}`,
  );
  const count = verdicts.filter(({ passed }) => passed).length;
  return [...lines, `${String(count)} of ${String(verdicts.length)} agents ended as expected.`].join("\n");
}

export function formatQuery(query: string, result: SqlResult): string {
  return `plumbline sql "${query}"\n${formatSqlResult(result)}`;
}
