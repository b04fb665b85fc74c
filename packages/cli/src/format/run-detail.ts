import { adviceFor, isTerminal, type Finding, type RunDetail, type RunSummary } from "@plumbline/contracts";
import { auditLines } from "../audit/audit-line.ts";
import { formatDuration, formatTimeOfDay, formatUsd, sparkline } from "./quantities.ts";
import { gateOf, stateOf } from "./run-list.ts";
import { approvalCommands, approvalLines, safetyLines } from "./run-safety.ts";
import { formatTable, oneLine } from "./table.ts";

const labelWidth = 10;
const sparklineWidth = 24;

const labelled = (label: string, text: string): string => `${label.padEnd(labelWidth)}${text}`;
const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `  ${line}`)
    .join("\n");

function headline({ run }: RunDetail, nowMs: number): string {
  const stuckFor = run.stuck ? ` ${formatDuration(nowMs - run.lastProgressAtMs)}` : "";
  const age =
    run.endedAtMs === null
      ? `telemetry ${formatDuration(nowMs - run.lastSeenAtMs)} old`
      : `ended ${formatTimeOfDay(run.endedAtMs)}`;
  const name = run.agentName === "" ? run.service : run.agentName;
  const model = run.models.join(", ");
  return [`${name} ${run.runId}`, `${stateOf(run).toUpperCase()}${stuckFor}`, model, `${gateOf(run)}, ${age}`]
    .filter((part) => part !== "")
    .join("  ");
}

function stopLine({ run }: RunDetail): string[] {
  if (run.stopReason === null) return [];
  const said = run.message === "" ? adviceFor(run.stopReason, run.runId).meaning : run.message;
  const label = run.stopReason === "COMPLETED" ? "Ended" : "Stopped";
  return [labelled(label, `${run.stopReason}: ${said}`)];
}

function nowLine({ run, openStepP95Ms }: RunDetail, nowMs: number): string[] {
  if (run.openStep === null) return [];
  const usual = openStepP95Ms === null ? "" : ` (p95 ${formatDuration(openStepP95Ms)})`;
  return [
    labelled(
      "Now",
      `step ${String(run.lastSequence)}: ${run.openStep.name}, ${formatDuration(nowMs - run.openStep.sinceMs)}${usual}`,
    ),
  ];
}

function progressLine({ run, scores }: RunDetail): string {
  const values = scores.filter((score) => score.name === "progress").sort((a, b) => a.sequence - b.sequence);
  const best = values.reduce<(typeof values)[number] | undefined>(
    (top, score) => (top === undefined || score.value > top.value ? score : top),
    undefined,
  );
  const peak = best === undefined ? "" : ` (${best.value.toFixed(2)} at step ${String(best.sequence)})`;
  const barren =
    run.lastSequence > run.lastProgressSequence
      ? `, nothing new since step ${String(run.lastProgressSequence)}`
      : "";
  const line = sparkline(
    values.map(({ value }) => value),
    sparklineWidth,
  );
  return labelled("Progress", `${line}  ${run.progress.toFixed(2)}${peak}${barren}`.trim());
}

function costLine({ run }: RunDetail): string {
  const limit = run.limits.usd === undefined ? "" : ` of ${formatUsd(run.limits.usd * 1_000_000)}`;
  const wasted =
    run.costSinceProgressMicroUsd > 0
      ? `; ${formatUsd(run.costSinceProgressMicroUsd)} since step ${String(run.lastProgressSequence)}`
      : "";
  const unpriced =
    run.unpricedCalls > 0
      ? `; ${String(run.unpricedCalls)} calls of a model without a known price not counted`
      : "";
  const tokens = `${String(run.inputTokens)} tokens in, ${String(run.outputTokens)} out`;
  return labelled("Cost", `${formatUsd(run.costMicroUsd)}${limit}${wasted}${unpriced}; ${tokens}`);
}

function knownPrecision({ precision }: RunDetail, finding: Finding): string {
  const counts = precision[finding.kind];
  if (counts === undefined) return "";
  return `   (here, 30 days: ${String(counts.right)} right, ${String(counts.falseAlarm)} false alarms)`;
}

function evidenceTable(finding: Finding): string {
  const columns = [
    { title: "step", align: "right" as const },
    { title: "call", maxWidth: 48 },
    { title: "returned", maxWidth: 48 },
    { title: "new" },
  ];
  const rows = finding.evidence.map((item) => [
    String(item.sequence),
    `${item.name} ${item.call}`.trim(),
    item.returned,
    item.broughtNew ? "yes" : "–",
  ]);
  return formatTable(columns, rows);
}

const titleOf = (finding: Finding): string =>
  `${finding.findingId} ${finding.kind} ${finding.confidence.toFixed(2)}`;

/** The finding that says most about where the run stands: the strongest, the newest among equals. */
function mainFinding(findings: readonly Finding[]): Finding | undefined {
  const strength = { observe: 0, nudge: 1, pause: 2, kill: 3 };
  return [...findings].sort(
    (a, b) => strength[b.intervention] - strength[a.intervention] || b.atSequence - a.atSequence,
  )[0];
}

function whySection(detail: RunDetail): string[] {
  const finding = mainFinding(detail.findings);
  if (finding === undefined) return [];
  const ruledOut = finding.ruledOut === "" ? [] : [`  ${finding.ruledOut}`];
  const also = finding.also === undefined ? [] : [`  seen by ${finding.also.join(", ")} too`];
  return [
    `WHY   ${titleOf(finding)}${knownPrecision(detail, finding)}`,
    `  ${finding.summary}`,
    indented(evidenceTable(finding)),
    ...ruledOut,
    ...also,
  ];
}

function alsoSection(detail: RunDetail): string[] {
  const main = mainFinding(detail.findings);
  return detail.findings
    .filter((finding) => finding !== main)
    .map((finding) => `ALSO  ${titleOf(finding)}, step ${String(finding.atSequence)}: ${finding.summary}`);
}

function didSection({ commands, findings }: RunDetail): string[] {
  const done = commands.map(({ command, acknowledged }) => {
    const applied = acknowledged.find((ack) => ack.phase === "applied" || ack.phase === "completed");
    const answer = applied ?? acknowledged.at(-1);
    const effect =
      answer === undefined
        ? "not acked"
        : `${answer.phase} ${formatTimeOfDay(answer.atMs)}${answer.detail === "" ? "" : `, ${answer.detail}`}`;
    return {
      atMs: command.issuedAtMs,
      text: `${formatTimeOfDay(command.issuedAtMs)} ${command.verb} by ${command.issuedBy}, ${effect}`,
    };
  });
  const would = findings
    .filter((finding) => !finding.enforced && finding.intervention !== "observe")
    .map((finding) => ({
      atMs: finding.raisedAtMs,
      text: `${formatTimeOfDay(finding.raisedAtMs)} would ${finding.intervention} (profile ${finding.profile})`,
    }));
  return [...done, ...would].sort((a, b) => a.atMs - b.atMs).map(({ text }) => `DID   ${text}`);
}

function alikeSection({ incidents }: RunDetail): string[] {
  return incidents.map(
    ({ incidentId, runIds, kind, toolName, firstAtMs }) =>
      `ALIKE ${String(runIds.length)} runs since ${formatTimeOfDay(firstAtMs)}, ${kind} on ${toolName}: incident ${incidentId}`,
  );
}

function nextCommands(run: RunSummary, findings: readonly Finding[]): string[] {
  if (run.stopReason !== null) {
    const { nextCommand } = adviceFor(run.stopReason, run.runId);
    if (nextCommand !== "") return [nextCommand];
  }
  if (isTerminal(run.status) || run.gate === "none") return [];
  if (run.status === "paused")
    return [`plumbline resume ${run.runId} --say '…'`, `plumbline kill ${run.runId}`];
  return findings.length > 0 || run.stuck
    ? [`plumbline pause ${run.runId}`, `plumbline nudge ${run.runId} '…'`]
    : [];
}

function nextLine(detail: RunDetail): string[] {
  const { run, findings, incidents } = detail;
  const finding = mainFinding(findings);
  const judge = finding === undefined ? [] : [`plumbline feedback ${finding.findingId} right|false-alarm`];
  const together =
    isTerminal(run.status) || run.gate === "none"
      ? []
      : incidents.map(({ incidentId }) => `plumbline pause --incident ${incidentId}`);
  const commands = [...approvalCommands(detail), ...nextCommands(run, findings), ...together, ...judge];
  return commands.length === 0 ? [] : [`NEXT  ${commands.join("    ")}`];
}

function childLine({ run }: RunDetail): string[] {
  return run.parentRunId === null ? [] : [labelled("Parent", run.parentRunId)];
}

/** Everything an operator needs to decide about one run, on one screen. */
export function formatRunDetail(detail: RunDetail, nowMs: number): string {
  const goal = detail.run.goal === "" ? "(not in the telemetry)" : oneLine(detail.run.goal, 160);
  return [
    headline(detail, nowMs),
    labelled("Goal", goal),
    ...childLine(detail),
    ...stopLine(detail),
    ...nowLine(detail, nowMs),
    progressLine(detail),
    costLine(detail),
    ...whySection(detail),
    ...alsoSection(detail),
    ...didSection(detail),
    ...approvalLines(detail, nowMs),
    ...safetyLines(detail),
    ...auditLines(detail),
    ...alikeSection(detail),
    ...nextLine(detail),
  ].join("\n");
}
