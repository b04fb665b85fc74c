import {
  type Ack,
  type Directive,
  type Finding,
  type Limits,
  type Observation,
  type RunStatus,
  type RunSummary,
  type Step,
  isTerminal,
  mayMove,
} from "@plumbline/contracts";
import type { MonitorProgress } from "@plumbline/detection";
import { type Contribution, withTotals } from "./contribution.ts";

/** A gate that was not heard of for this long counts as lost. */
export const gateLostAfterMs = 15_000;

export interface RunBirth {
  tenantId: string;
  runId: string;
  profile: string;
  atMs: number;
}

export function initialSummary(birth: RunBirth): RunSummary {
  const { tenantId, runId, profile, atMs } = birth;
  return {
    version: 1,
    tenantId,
    runId,
    aliases: [],
    parentRunId: null,
    agentName: "",
    service: "",
    goal: "",
    status: "running",
    stuck: false,
    stopReason: null,
    message: "",
    profile,
    gate: "none",
    models: [],
    dialects: [],
    principal: "",
    modelCalls: 0,
    toolCalls: 0,
    errors: 0,
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
    costMicroUsd: 0,
    unpricedCalls: 0,
    costSinceProgressMicroUsd: 0,
    limits: {},
    progress: 0,
    lastSequence: 0,
    lastProgressSequence: 0,
    lastProgressAtMs: atMs,
    openStep: null,
    openFindingIds: [],
    pendingApprovalIds: [],
    checkpointId: null,
    directiveGeneration: 0,
    acknowledgedGeneration: 0,
    traceId: "",
    startedAtMs: atMs,
    lastSeenAtMs: atMs,
    endedAtMs: null,
    revision: 0,
  };
}

/** The same summary in another status; unchanged when the move is not allowed. */
export function moveTo(summary: RunSummary, status: RunStatus): RunSummary {
  return summary.status !== status && mayMove(summary.status, status) ? { ...summary, status } : summary;
}

const addOnce = (list: string[], value: string): string[] =>
  value === "" || list.includes(value) ? list : [...list, value].slice(-16);
const orElse = (known: string, learned: string): string => (known === "" ? learned : known);

/** What every observation tells, whatever its kind. */
export function withSighting(summary: RunSummary, observation: Observation): RunSummary {
  const isOurs = observation.dialect === "plumbline";
  return {
    ...summary,
    agentName: orElse(summary.agentName, observation.agentName),
    service: orElse(summary.service, observation.service),
    traceId: orElse(summary.traceId, observation.traceId),
    // The principal that was first owns the run (design §6).
    principal: orElse(summary.principal, observation.principal),
    dialects: addOnce(summary.dialects, observation.dialect),
    aliases: observation.aliases.reduce((aliases, alias) => addOnce(aliases, alias), summary.aliases),
    lastSeenAtMs: Math.max(summary.lastSeenAtMs, observation.atMs),
    startedAtMs: Math.min(summary.startedAtMs, observation.atMs),
    gate: isOurs && !isTerminal(summary.status) ? "connected" : summary.gate,
  };
}

export interface Beginning {
  goal: string;
  parentRunId: string | null;
  limits: Limits;
  queued: boolean;
}

export function withBeginning(summary: RunSummary, beginning: Beginning): RunSummary {
  const { goal, parentRunId, limits, queued } = beginning;
  const begun = {
    ...summary,
    goal: orElse(goal, summary.goal),
    parentRunId,
    limits: { ...summary.limits, ...limits },
  };
  if (queued && summary.lastSequence === 0) return { ...begun, status: "queued" };
  return summary.status === "queued" || summary.status === "paused" ? moveTo(begun, "running") : begun;
}

export function withEnd(
  summary: RunSummary,
  end: Pick<RunSummary, "status" | "stopReason" | "message"> & { atMs: number },
): RunSummary {
  const moved = moveTo(summary, end.status);
  if (moved === summary && summary.status !== end.status) return summary;
  const { stopReason, message, atMs } = end;
  return {
    ...moved,
    stopReason,
    message,
    endedAtMs: isTerminal(end.status) ? atMs : null,
    openStep: null,
    stuck: isTerminal(end.status) ? false : summary.stuck,
  };
}

/** A move that the agent itself reported: what its own state machine allowed. */
export function withState(
  summary: RunSummary,
  move: Pick<RunSummary, "stopReason" | "message"> & { to: RunStatus; atMs: number },
): RunSummary {
  const { to: status, stopReason, message, atMs } = move;
  if (isTerminal(status)) return withEnd(summary, { status, stopReason, message, atMs });
  if (summary.status === status || !mayMove(summary.status, status)) return summary;
  return { ...summary, status, stopReason, message };
}

function openStepAfter(summary: RunSummary, step: Step): RunSummary["openStep"] {
  if (step.state === "running" && !step.retracted)
    return { stepId: step.stepId, name: step.name, sinceMs: step.startMs };
  return summary.openStep?.stepId === step.stepId ? null : summary.openStep;
}

/** A new or revised step; a revision replaces what the step counted before. */
export function withStep(summary: RunSummary, step: Step, before: Contribution | undefined): RunSummary {
  const counted = withTotals(summary, step, before);
  const resumed =
    step.state === "running" && counted.status === "awaiting_approval" ? moveTo(counted, "running") : counted;
  return {
    ...resumed,
    models:
      step.kind === "model"
        ? addOnce(resumed.models, step.model?.responseModel ?? step.name)
        : resumed.models,
    lastSequence: Math.max(resumed.lastSequence, step.sequence),
    openStep: openStepAfter(resumed, step),
  };
}

export function withProgress(summary: RunSummary, progress: MonitorProgress): RunSummary {
  const { score, lastProgressSequence, lastProgressAtMs, costSinceProgressMicroUsd } = progress;
  const stuck = progress.stuck && !isTerminal(summary.status);
  const isSame =
    score === summary.progress &&
    lastProgressSequence === summary.lastProgressSequence &&
    lastProgressAtMs === summary.lastProgressAtMs &&
    costSinceProgressMicroUsd === summary.costSinceProgressMicroUsd &&
    stuck === summary.stuck;
  if (isSame) return summary;
  return {
    ...summary,
    progress: score,
    lastProgressSequence,
    lastProgressAtMs,
    costSinceProgressMicroUsd,
    stuck,
  };
}

export function withFinding(summary: RunSummary, finding: Finding): RunSummary {
  return { ...summary, openFindingIds: addOnce(summary.openFindingIds, finding.findingId) };
}

export function withDirective(summary: RunSummary, directive: Directive): RunSummary {
  return {
    ...summary,
    directiveGeneration: directive.generation,
    limits: { ...summary.limits, ...directive.limits },
  };
}

/** Only an ack makes a run paused or killed: what was asked for is not what is. */
export function withAck(summary: RunSummary, ack: Ack, directive: Directive): RunSummary {
  const acknowledged = {
    ...summary,
    acknowledgedGeneration: Math.max(summary.acknowledgedGeneration, ack.generation),
  };
  if (ack.subject.kind === "approval") {
    // An answer that the agent could not use leaves the question open.
    if (ack.phase === "rejected" || ack.phase === "received") return acknowledged;
    const { approvalId } = ack.subject;
    return moveTo(
      { ...acknowledged, pendingApprovalIds: summary.pendingApprovalIds.filter((id) => id !== approvalId) },
      "running",
    );
  }
  if (ack.subject.kind !== "directive" || ack.phase === "rejected" || ack.generation !== directive.generation)
    return acknowledged;
  return obeyed(acknowledged, ack, directive);
}

/** A pause that met a run at its end changes nothing of how it ended. */
function paused(summary: RunSummary, { reason: stopReason, message }: Directive): RunSummary {
  const moved = moveTo(summary, "paused");
  return moved.status === "paused" ? { ...moved, stopReason, message } : summary;
}

function obeyed(summary: RunSummary, ack: Ack, directive: Directive): RunSummary {
  const applied = ack.phase === "applied" || ack.phase === "completed";
  switch (directive.desired) {
    case "paused":
      return applied ? paused(summary, directive) : summary;
    case "killed":
      return applied
        ? withEnd(summary, {
            status: "killed",
            stopReason: directive.reason,
            message: directive.message,
            atMs: ack.atMs,
          })
        : moveTo(summary, "stopping");
    case "running":
      return applied && summary.status === "paused"
        ? { ...moveTo(summary, "running"), stopReason: null, message: "" }
        : summary;
  }
}

export function withApprovalRequest(summary: RunSummary, approvalId: string): RunSummary {
  return moveTo(
    { ...summary, pendingApprovalIds: addOnce(summary.pendingApprovalIds, approvalId) },
    "awaiting_approval",
  );
}

/** What the passing of time changes. */
export function withTime(summary: RunSummary, nowMs: number): RunSummary {
  const silent = nowMs - summary.lastSeenAtMs > gateLostAfterMs;
  return summary.gate === "connected" && silent && !isTerminal(summary.status)
    ? { ...summary, gate: "lost" }
    : summary;
}
