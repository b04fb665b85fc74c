import { assertNever, type Step, type WatchEvent } from "@plumbline/contracts";
import { formatDuration, formatTimeOfDay, formatUsd } from "./quantities.ts";
import { stateOf } from "./run-list.ts";
import { oneLine } from "./table.ts";

const textWidth = 100;

function stepText(step: Step): string {
  const took = step.endMs === null ? "running" : formatDuration(step.endMs - step.startMs);
  const what = step.tool === null ? step.name : `${step.name} ${step.tool.arguments}`;
  const evidence = step.outcome.evidence === null ? "" : ` (${step.outcome.evidence})`;
  return oneLine(
    `${String(step.sequence)} ${what}, ${step.state === "running" ? "started" : `${step.outcome.class}${evidence}, ${took}`}`,
    textWidth,
  );
}

/** One event as one line; undefined for what a person need not see as it happens. */
export function formatWatchEvent(event: WatchEvent): string | undefined {
  switch (event.type) {
    case "run": {
      const { run } = event;
      return `${formatTimeOfDay(run.lastSeenAtMs)}  ${run.runId}  ${stateOf(run)}  ${run.progress.toFixed(2)}  ${formatUsd(run.costMicroUsd)}  ${run.stopReason ?? ""}`.trimEnd();
    }
    case "step":
      return `${formatTimeOfDay(event.step.startMs)}  ${event.step.runId}  step ${stepText(event.step)}`;
    case "finding": {
      const { finding } = event;
      const deed = finding.enforced ? finding.intervention : `would ${finding.intervention}`;
      return `${formatTimeOfDay(finding.raisedAtMs)}  ${finding.runId}  FINDING ${finding.kind} ${finding.confidence.toFixed(2)}, ${deed}: ${oneLine(finding.summary, textWidth)}`;
    }
    case "score":
      return undefined;
    default:
      return assertNever(event);
  }
}
