import type { RunDetail, SqlResult } from "@plumbline/contracts";
import { formatSqlResult } from "../commands/sql.ts";
import { formatDuration, formatUsd } from "../format/quantities.ts";
import { stateOf } from "../format/run-list.ts";
import { formatTable } from "../format/table.ts";
import type { Scenario } from "./scenario.ts";
import { timeToStopMs } from "./time-to-stop.ts";
import type { Verdict } from "./verdict.ts";

/** What is known of one agent of the demo at one moment. */
export interface AgentView {
  scenario: Scenario;
  detail: RunDetail | undefined;
}

const kindsOf = (detail: RunDetail): string =>
  [...new Set(detail.findings.map(({ kind }) => kind))].join(", ");

/** One line per agent: where it stands now. */
export function formatAgents(views: readonly AgentView[]): string {
  const columns = [
    { title: "AGENT" },
    { title: "STATE" },
    { title: "WHY" },
    { title: "STEPS", align: "right" as const },
    { title: "PROGRESS", align: "right" as const },
    { title: "COST", align: "right" as const },
    { title: "FOUND", maxWidth: 32 },
    { title: "WHAT IT SHOWS", maxWidth: 64 },
  ];
  const rows = views.map(({ scenario, detail }) => {
    if (detail === undefined) return [scenario.name, "starting", "", "", "", "", "", scenario.shows];
    const { run } = detail;
    return [
      scenario.name,
      stateOf(run),
      run.stopReason ?? "",
      String(run.lastSequence),
      run.progress.toFixed(2),
      formatUsd(run.costMicroUsd),
      kindsOf(detail),
      scenario.shows,
    ];
  });
  return formatTable(columns, rows);
}

/** Evidence of every finding, and how fast what had to be stopped was stopped. */
export function formatEvidence(views: readonly AgentView[]): string {
  const blocks = views.flatMap(({ scenario, detail }) =>
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

export function formatTimesToStop(views: readonly AgentView[]): string {
  const lines = views.flatMap(({ scenario, detail }) => {
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
