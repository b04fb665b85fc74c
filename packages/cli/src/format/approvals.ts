import type { Approval } from "@plumbline/contracts";
import { formatDuration, formatUsd } from "./quantities.ts";
import { oneLine } from "./table.ts";

const textWidth = 160;

/** What happens when nobody answers, and when. */
export function defaultOf({ request }: Approval, nowMs: number): string {
  const verb = request.defaultDecision === "approve" ? "approved" : "denied";
  const leftMs = request.expiresAtMs - nowMs;
  return leftMs > 0 ? `${verb} in ${formatDuration(leftMs)} if nobody answers` : `${verb}: nobody answered`;
}

function outcomeOf(approval: Approval, nowMs: number): string {
  const { status, decidedBy, message, acknowledged } = approval;
  if (status === "pending") return `pending, ${defaultOf(approval, nowMs)}`;
  const by = decidedBy === "" ? "" : ` by ${decidedBy}`;
  const said = message === "" ? "" : `: ${oneLine(message, textWidth)}`;
  return `${status}${by}${said}${acknowledged ? "" : ", not acted on yet"}`;
}

function formatOne(approval: Approval, nowMs: number): string {
  const { request, editedArguments } = approval;
  const { approvalId, toolName, risk, reversible, wasInFlight, context, runId } = request;
  const undo = reversible ? "can be undone" : "CANNOT BE UNDONE";
  const lines = [
    `${approvalId}  ${toolName}, ${risk} risk, ${undo}  ${outcomeOf(approval, nowMs)}`,
    `  run       ${runId}, step ${String(context.steps)}, ${formatUsd(context.usd * 1_000_000)} so far`,
    context.goal === "" ? "" : `  goal      ${oneLine(context.goal, textWidth)}`,
    `  call      ${oneLine(request.arguments, textWidth)}`,
    editedArguments === null ? "" : `  edited    ${oneLine(editedArguments, textWidth)}`,
    request.reasoning === "" ? "" : `  why       ${oneLine(request.reasoning, textWidth)}`,
    request.expectedOutcome === "" ? "" : `  expected  ${oneLine(request.expectedOutcome, textWidth)}`,
    context.actions.length === 0 ? "" : `  before    ${context.actions.join("; ")}`,
    wasInFlight
      ? "  NOTE      this very action was under way when the process ended; it may have taken effect"
      : "",
    approval.status === "pending"
      ? `  NEXT      plumbline approve ${approvalId}    plumbline deny ${approvalId}`
      : "",
  ];
  return lines.filter((line) => line !== "").join("\n");
}

/** Approvals for a person who has to decide: everything that the decision needs. */
export function formatApprovals(approvals: readonly Approval[], nowMs: number): string {
  if (approvals.length === 0) return "Nothing waits for an answer.";
  return approvals.map((approval) => formatOne(approval, nowMs)).join("\n\n");
}
