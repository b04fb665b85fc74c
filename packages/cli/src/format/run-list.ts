import type { RunSummary } from "@plumbline/contracts";
import { formatDuration, formatUsd } from "./quantities.ts";
import { formatTable } from "./table.ts";

/** What a person calls the state of a run. */
export function stateOf(run: RunSummary): string {
  const status = run.status.replace("_", " ");
  return run.stuck && run.status === "running" ? "running, STUCK" : status;
}

/** A run without a gate is never shown as if it could be held. */
export function gateOf(run: RunSummary): string {
  if (run.gate === "none") return "no gate attached";
  return run.endedAtMs === null ? `gate ${run.gate}` : "gate closed";
}

export function formatRunList(runs: readonly RunSummary[], nowMs: number): string {
  if (runs.length === 0) return "No runs yet. Send telemetry to port 4318, or try `plumbline demo`.";
  const columns = [
    { title: "RUN" },
    { title: "AGENT", maxWidth: 24 },
    { title: "STATE" },
    { title: "WHY" },
    { title: "PROGRESS", align: "right" as const },
    { title: "STEPS", align: "right" as const },
    { title: "COST", align: "right" as const },
    { title: "SEEN", align: "right" as const },
    { title: "GATE" },
    { title: "GOAL", maxWidth: 40 },
  ];
  const rows = runs.map((run) => [
    run.runId,
    run.agentName === "" ? run.service : run.agentName,
    stateOf(run),
    run.stopReason ?? "",
    run.progress.toFixed(2),
    String(run.lastSequence),
    formatUsd(run.costMicroUsd),
    `${formatDuration(nowMs - run.lastSeenAtMs)} ago`,
    gateOf(run),
    run.goal,
  ]);
  return formatTable(columns, rows);
}
