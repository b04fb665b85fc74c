import { type Checkpoint, isTerminal, type RunDetail, type Step } from "@plumbline/contracts";
import { defaultOf } from "./approvals.ts";
import { formatTimeOfDay } from "./quantities.ts";
import { oneLine } from "./table.ts";

const textWidth = 80;

/** Actions that were started and of which nothing was heard since. */
function openActions(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  const ended = new Set(
    checkpoints
      .filter(({ phase }) => phase !== "saved" && phase !== "action-started")
      .map(({ checkpointId }) => checkpointId),
  );
  return checkpoints.filter(
    ({ phase, checkpointId }) => phase === "action-started" && !ended.has(checkpointId),
  );
}

const isIrreversible = ({ kind, tool }: Step): boolean =>
  kind === "tool" && tool?.traits.reversible === false;

function safeToPause({ steps, checkpoints, approvals }: RunDetail): string {
  const [action] = openActions(checkpoints);
  if (action !== undefined)
    return `no, ${action.toolName ?? "an action"} is under way (checkpoint ${action.checkpointId})`;
  const asked = new Set(
    approvals.filter(({ status }) => status === "pending").map(({ request }) => request.stepId),
  );
  const open = steps.find(
    (step) => step.state === "running" && isIrreversible(step) && !asked.has(step.stepId),
  );
  return open === undefined
    ? "yes, no external action open"
    : `no, ${open.name} is under way (step ${String(open.sequence)})`;
}

function resumable({ run, checkpoints }: RunDetail): string {
  const saved = checkpoints.findLast(({ phase }) => phase === "saved");
  if (saved !== undefined) {
    const label = saved.label === "" ? "" : ` "${oneLine(saved.label, textWidth)}"`;
    return `yes, checkpoint ${saved.checkpointId}${label} of ${formatTimeOfDay(saved.atMs)}`;
  }
  if (run.checkpointId === null) return "while its process lives";
  return `yes, from its beginning with what was done (checkpoint ${run.checkpointId})`;
}

function cannotUndo({ steps, approvals }: RunDetail): string {
  const done = steps.filter(
    (step) => isIrreversible(step) && step.state === "ended" && step.outcome.class === "ok",
  );
  if (done.length === 0) return "";
  const named = done.map(({ name, sequence, stepId }) => {
    const approval = approvals.find(
      ({ request, status }) => request.stepId === stepId && status === "approved",
    );
    const by = approval === undefined ? "" : ` (approved by ${approval.decidedBy})`;
    return `${name}, step ${String(sequence)}${by}`;
  });
  return `   CANNOT UNDO ${named.join("; ")}`;
}

/** Whether the run may be held now, whether it can go on elsewhere, and what no one can take back. */
export function safetyLines(detail: RunDetail): string[] {
  const { run, checkpoints } = detail;
  const isOver = isTerminal(run.status);
  const inFlight = openActions(checkpoints).map(
    ({ toolName, arguments: args, checkpointId, atMs }) =>
      `IN FLIGHT ${toolName ?? ""} ${oneLine(args ?? "", textWidth)} (checkpoint ${checkpointId}, ${formatTimeOfDay(atMs)}): whether it took effect is not known`,
  );
  if (!isOver)
    return [`SAFE TO PAUSE ${safeToPause(detail)}   RESUMABLE ${resumable(detail)}${cannotUndo(detail)}`];
  const kept = run.status === "failed" && run.checkpointId !== null ? [`RESUMABLE ${resumable(detail)}`] : [];
  return [...inFlight, ...kept];
}

/** What waits for a person, and what people decided. */
export function approvalLines({ approvals }: RunDetail, nowMs: number): string[] {
  return approvals.toReversed().map((approval) => {
    const { request, status, decidedBy } = approval;
    const { approvalId, toolName } = request;
    const call = `${toolName} ${oneLine(request.arguments, textWidth)}`;
    const by = decidedBy === "" ? "" : ` by ${decidedBy}`;
    return status === "pending"
      ? `APPROVAL ${approvalId} WAITS: ${call}; ${defaultOf(approval, nowMs)}`
      : `APPROVAL ${approvalId} ${status}${by}: ${call}`;
  });
}

/** The commands that answer what waits. */
export function approvalCommands({ run, approvals }: RunDetail): string[] {
  if (run.status !== "awaiting_approval") return [];
  return approvals
    .filter(({ status }) => status === "pending")
    .flatMap(({ request: { approvalId } }) => [
      `plumbline approve ${approvalId}`,
      `plumbline deny ${approvalId}`,
    ]);
}
