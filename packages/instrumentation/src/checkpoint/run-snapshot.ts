import { assertNever, type ApprovalRequest } from "@plumbline/contracts";
import type { Action, Change, Occurrences, Settlement, Transition } from "./transition.ts";

/** An external action since the last saved state, and how far it came. */
export interface ActionRecord {
  action: Action;
  startedAtMs: number;
  /** `cleared`: someone decided that it is not to be pursued. */
  phase: "started" | "done" | "failed" | "cleared";
  /** What the model got to read; empty while it is under way. */
  result: string;
}

export interface ApprovalRecord {
  callKey: string;
  request: ApprovalRequest;
  settlement: Settlement | undefined;
}

/** Where a run stands, as its history tells it. */
export interface RunSnapshot {
  lastSequence: number;
  /** Counters at the last saved state: a resumed run arrives at the same idempotency keys. */
  occurrences: Occurrences;
  /** By call key: what happened since the last saved state, and what is in flight. */
  actions: ReadonlyMap<string, ActionRecord>;
  /** By approval id, since the last saved state. */
  approvals: ReadonlyMap<string, ApprovalRecord>;
  /** Human names of the saved state; empty before the first. */
  label: string;
  killed: { reason: string; why: string } | undefined;
}

export const emptySnapshot: RunSnapshot = {
  lastSequence: 0,
  occurrences: {},
  actions: new Map(),
  approvals: new Map(),
  label: "",
  killed: undefined,
};

/** A saved state holds the results of what was done: only what is still open is carried on. */
function afterSave(
  snapshot: RunSnapshot,
  { label, occurrences }: { label: string; occurrences: Occurrences },
): RunSnapshot {
  const actions = [...snapshot.actions].filter(([, { phase }]) => phase === "started");
  const approvals = [...snapshot.approvals].filter(
    ([, { settlement, callKey }]) =>
      settlement === undefined || snapshot.actions.get(callKey)?.phase === "started",
  );
  return { ...snapshot, label, occurrences, actions: new Map(actions), approvals: new Map(approvals) };
}

function withAction(snapshot: RunSnapshot, record: ActionRecord): RunSnapshot {
  return { ...snapshot, actions: new Map(snapshot.actions).set(record.action.callKey, record) };
}

function withOutcome(
  snapshot: RunSnapshot,
  checkpointId: string,
  outcome: Pick<ActionRecord, "phase" | "result">,
): RunSnapshot {
  const found = [...snapshot.actions.values()].find(({ action }) => action.checkpointId === checkpointId);
  return found === undefined ? snapshot : withAction(snapshot, { ...found, ...outcome });
}

function withApproval(snapshot: RunSnapshot, record: ApprovalRecord): RunSnapshot {
  return { ...snapshot, approvals: new Map(snapshot.approvals).set(record.request.approvalId, record) };
}

function withSettlement(snapshot: RunSnapshot, settlement: Settlement): RunSnapshot {
  const found = snapshot.approvals.get(settlement.approvalId);
  return found === undefined ? snapshot : withApproval(snapshot, { ...found, settlement });
}

function changed(snapshot: RunSnapshot, change: Change, atMs: number): RunSnapshot {
  switch (change.kind) {
    case "saved":
      return afterSave(snapshot, change);
    case "action-started":
      return withAction(snapshot, {
        action: change.action,
        startedAtMs: atMs,
        phase: "started",
        result: "",
      });
    case "action-done":
      return withOutcome(snapshot, change.checkpointId, { phase: "done", result: change.result });
    case "action-failed":
      return withOutcome(snapshot, change.checkpointId, { phase: "failed", result: change.result });
    case "cleared":
      return withOutcome(snapshot, change.checkpointId, { phase: "cleared", result: change.why });
    case "approval-asked":
      return withApproval(snapshot, {
        callKey: change.callKey,
        request: change.request,
        settlement: undefined,
      });
    case "approval-settled":
      return withSettlement(snapshot, change.settlement);
    case "killed":
      return { ...snapshot, killed: { reason: change.reason, why: change.why } };
    case "stopped":
    case "resumed":
    case "completed":
      return snapshot;
    default:
      return assertNever(change);
  }
}

/** The next snapshot; pure. */
export function applyTransition(snapshot: RunSnapshot, { sequence, atMs, change }: Transition): RunSnapshot {
  return { ...changed(snapshot, change, atMs), lastSequence: sequence };
}
