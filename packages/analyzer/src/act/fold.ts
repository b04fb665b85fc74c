import {
  type Ack,
  type Command,
  type ControlRecord,
  type Directive,
  type Limits,
  assertNever,
  initialDirective,
} from "@plumbline/contracts";

/** How many command ids are remembered to recognise one that is published again after a replay. */
const rememberedCommands = 512;
/** Nudges that may wait at once; the oldest gives way. */
const pendingNudges = 8;

/** Approvals that were settled are remembered, so that an answer given twice is no second permission. */
const rememberedApprovals = 256;

/** Everything the fold needs to go on from here; plain JSON. */
export interface ControlState {
  directive: Directive;
  seenCommandIds: readonly string[];
  /** Approvals that the agent used or let expire; absent in states of versions that did not keep them. */
  settledApprovalIds?: readonly string[];
}

export function initialControlState(tenantId: string, runId: string): ControlState {
  return { directive: initialDirective(tenantId, runId), seenCommandIds: [] };
}

type Change = Partial<
  Pick<Directive, "desired" | "reason" | "findingId" | "message" | "nudges" | "limits" | "approvals">
>;

function withLimits(directive: Directive, limits: Limits | null): Limits {
  return limits === null ? directive.limits : { ...directive.limits, ...limits };
}

function withNudge(directive: Directive, id: string, text: string): Directive["nudges"] {
  return [...directive.nudges, { id, text }].slice(-pendingNudges);
}

/** A pause on top of a pause changes it only when a person asks. */
function pauseChange(directive: Directive, command: Extract<Command, { verb: "pause" }>): Change | undefined {
  if (directive.desired === "paused" && !command.issuedBy.startsWith("user:")) return undefined;
  const { reason, findingId, message } = command;
  return { desired: "paused", reason, findingId, message };
}

function resumeChange(directive: Directive, command: Extract<Command, { verb: "resume" }>): Change {
  const nudges =
    command.say === null ? directive.nudges : withNudge(directive, command.commandId, command.say);
  const limits = withLimits(directive, command.limits);
  return { desired: "running", reason: null, findingId: null, message: command.message, nudges, limits };
}

function approvalChange(
  directive: Directive,
  command: Extract<Command, { verb: "approve" | "deny" }>,
): Change {
  const decision = {
    decision: command.verb === "approve" ? ("approved" as const) : ("denied" as const),
    argsHash: command.argsHash,
    by: command.issuedBy,
    editedArguments: command.verb === "approve" ? command.editedArguments : null,
    message: command.message,
    decidedAtMs: command.issuedAtMs,
  };
  return { approvals: { ...directive.approvals, [command.approvalId]: decision } };
}

function commandChange(directive: Directive, command: Command): Change | undefined {
  switch (command.verb) {
    case "pause":
      return pauseChange(directive, command);
    case "resume":
      return resumeChange(directive, command);
    case "kill":
      return {
        desired: "killed",
        reason: command.reason,
        findingId: command.findingId,
        message: command.message,
        nudges: [],
      };
    case "nudge":
      return { nudges: withNudge(directive, command.commandId, command.text) };
    case "limit":
      return { limits: withLimits(directive, command.limits) };
    case "approve":
    case "deny":
      return approvalChange(directive, command);
    default:
      return assertNever(command);
  }
}

/** What an ack settles leaves the document: a nudge that was given, an approval that was used or came too late. */
function ackChange(directive: Directive, ack: Ack): Change | undefined {
  if (ack.phase === "received") return undefined;
  const { subject } = ack;
  if (subject.kind === "nudge") {
    const nudges = directive.nudges.filter((nudge) => nudge.id !== subject.nudgeId);
    return nudges.length === directive.nudges.length ? undefined : { nudges };
  }
  if (subject.kind === "approval" && subject.approvalId in directive.approvals) {
    const kept = Object.entries(directive.approvals).filter(([id]) => id !== subject.approvalId);
    return { approvals: Object.fromEntries(kept) };
  }
  return undefined;
}

const isAnswer = (command: Command): command is Extract<Command, { verb: "approve" | "deny" }> =>
  command.verb === "approve" || command.verb === "deny";

function changeOf(state: ControlState, record: ControlRecord): Change | undefined {
  const { directive, settledApprovalIds = [] } = state;
  if (record.type === "ack") return ackChange(directive, record.ack);
  if (directive.desired === "killed") return undefined;
  if (isAnswer(record) && settledApprovalIds.includes(record.approvalId)) return undefined;
  return commandChange(directive, record);
}

/** An approval that the agent has acted on is used up; one that it rejected may be answered again. */
function withSettled(state: ControlState, record: ControlRecord): ControlState {
  if (record.type !== "ack" || record.ack.subject.kind !== "approval") return state;
  const { phase, subject } = record.ack;
  const { settledApprovalIds = [] } = state;
  if (phase === "received" || phase === "rejected" || settledApprovalIds.includes(subject.approvalId))
    return state;
  return {
    ...state,
    settledApprovalIds: [...settledApprovalIds, subject.approvalId].slice(-rememberedApprovals),
  };
}

/**
 * One step of the fold that makes a run's directive out of its commands and acks (design §6). Pure: every owner that
 * reads the same partition arrives at the same bytes.
 * @param offset of the record in its partition; the generation becomes offset + 1 when the record changes anything
 * @returns the same state object when nothing changes: a killed run stays killed, a command read twice acts once
 */
export function foldControl(before: ControlState, record: ControlRecord, offset: number): ControlState {
  const isCommand = record.type === "command";
  if (isCommand && before.seenCommandIds.includes(record.commandId)) return before;
  const state = withSettled(before, record);
  const change = changeOf(state, record);
  if (change === undefined) return state;
  const generation = offset + 1;
  const directive: Directive = isCommand
    ? { ...state.directive, ...change, generation, issuedAtMs: record.issuedAtMs, issuedBy: record.issuedBy }
    : { ...state.directive, ...change, generation };
  const seenCommandIds = isCommand
    ? [...state.seenCommandIds, record.commandId].slice(-rememberedCommands)
    : state.seenCommandIds;
  return { ...state, directive, seenCommandIds };
}
