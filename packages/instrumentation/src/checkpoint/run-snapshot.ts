import type { ApprovalRequest } from "@plumbline/contracts";
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
  /** How many runs had this id before; part of every key. */
  epoch: number;
  /** Counters at the last saved state: a resumed run arrives at the same idempotency keys. */
  occurrences: Occurrences;
  /** By call key: what happened since the last saved state, and what is in flight. */
  actions: ReadonlyMap<string, ActionRecord>;
  /** By approval id, since the last saved state. */
  approvals: ReadonlyMap<string, ApprovalRecord>;
  killed: { reason: string; why: string } | undefined;
}

export const emptySnapshot: RunSnapshot = {
  lastSequence: 0,
  epoch: 0,
  occurrences: {},
  actions: new Map(),
  approvals: new Map(),
  killed: undefined,
};

/** Calls from the saved counter on are not in the saved state: the resumed run makes them again, under the same keys. */
const isAhead = ({ callHash, occurrence }: Action, occurrences: Occurrences): boolean =>
  occurrence >= (occurrences[callHash] ?? 0);

/** A saved state holds the results of what was done before: only the rest is carried on. */
function afterSave(snapshot: RunSnapshot, { occurrences }: { occurrences: Occurrences }): RunSnapshot {
  const kept = [...snapshot.actions].filter(
    ([, { phase, action }]) => phase === "started" || isAhead(action, occurrences),
  );
  const actions = new Map(kept);
  const approvals = [...snapshot.approvals].filter(
    ([, { settlement, callKey }]) =>
      settlement === undefined || actions.has(callKey) || !snapshot.actions.has(callKey),
  );
  return { ...snapshot, occurrences, actions, approvals: new Map(approvals) };
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

function withoutAction(
  snapshot: RunSnapshot,
  { checkpointId }: Pick<ActionRecord["action"], "checkpointId">,
): RunSnapshot {
  const kept = [...snapshot.actions].filter(([, { action }]) => action.checkpointId !== checkpointId);
  return { ...snapshot, actions: new Map(kept) };
}

function withApproval(snapshot: RunSnapshot, record: ApprovalRecord): RunSnapshot {
  return { ...snapshot, approvals: new Map(snapshot.approvals).set(record.request.approvalId, record) };
}

function withSettlement(snapshot: RunSnapshot, settlement: Settlement): RunSnapshot {
  const found = snapshot.approvals.get(settlement.approvalId);
  return found === undefined ? snapshot : withApproval(snapshot, { ...found, settlement });
}

type ChangeOf<Kind extends Change["kind"]> = Extract<Change, { kind: Kind }>;
type Handlers = {
  [Kind in Change["kind"]]: (snapshot: RunSnapshot, change: ChangeOf<Kind>, atMs: number) => RunSnapshot;
};

const unchanged = (snapshot: RunSnapshot): RunSnapshot => snapshot;

const handlers: Handlers = {
  saved: afterSave,
  "action-started": (snapshot, { action }, startedAtMs) =>
    withAction(snapshot, { action, startedAtMs, phase: "started", result: "" }),
  "action-done": (snapshot, { checkpointId, result }) =>
    withOutcome(snapshot, checkpointId, { phase: "done", result }),
  "action-failed": (snapshot, { checkpointId, result }) =>
    withOutcome(snapshot, checkpointId, { phase: "failed", result }),
  "action-left": withoutAction,
  cleared: (snapshot, { checkpointId, why }) =>
    withOutcome(snapshot, checkpointId, { phase: "cleared", result: why }),
  "approval-asked": (snapshot, { callKey, request }) =>
    withApproval(snapshot, { callKey, request, settlement: undefined }),
  "approval-settled": (snapshot, { settlement }) => withSettlement(snapshot, settlement),
  killed: (snapshot, { reason, why }) => ({ ...snapshot, killed: { reason, why } }),
  began: (_, { epoch }) => ({ ...emptySnapshot, epoch }),
  stopped: unchanged,
  resumed: unchanged,
  "child-acts": unchanged,
  completed: unchanged,
};

/** The next snapshot; pure. */
export function applyTransition(snapshot: RunSnapshot, { sequence, atMs, change }: Transition): RunSnapshot {
  const handle = handlers[change.kind] as (
    snapshot: RunSnapshot,
    change: Change,
    atMs: number,
  ) => RunSnapshot;
  return { ...handle(snapshot, change, atMs), lastSequence: sequence };
}

/** Ended actions that a person who is asked about the next one gets to see. */
const latestActions = 20;

/** The snapshot of a run that nobody can resume: what is open, and the latest that ended, without their answers. */
export function withoutHistory(snapshot: RunSnapshot): RunSnapshot {
  const isOpen = (callKey: string): boolean => snapshot.actions.get(callKey)?.phase === "started";
  const open = [...snapshot.actions].filter(([callKey]) => isOpen(callKey));
  const ended = [...snapshot.actions].filter(([callKey]) => !isOpen(callKey)).slice(-latestActions);
  const shown = ended.map(([callKey, record]) => [callKey, { ...record, result: "" }] as const);
  const approvals = [...snapshot.approvals].filter(
    ([, { callKey }]) => isOpen(callKey) || !snapshot.actions.has(callKey),
  );
  return { ...snapshot, actions: new Map([...shown, ...open]), approvals: new Map(approvals) };
}
