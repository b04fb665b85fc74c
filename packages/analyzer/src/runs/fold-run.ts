import type {
  ControlRecord,
  JudgementRecord,
  Observation,
  ObservationOf,
  SimilarityRecord,
} from "@plumbline/contracts";
import type { MonitorInput } from "@plumbline/detection";
import type { Effects } from "./effects.ts";
import { beginsEpoch } from "./epoch.ts";
import { mayAddTo } from "./ownership.ts";
import { RunFold } from "./run-fold.ts";
import type { RunParts, RunState } from "./run-state.ts";
import { withApprovalRequest, withState } from "./summary.ts";

/*
 * Owns: which change each kind of record makes, and that none is made twice.
 * Does not own: the changes (run-fold), reading, publishing, storing, time. Same state and record, same result, on every
 * owner and in replay.
 */

type ObservationHandlers = {
  [Kind in Observation["kind"]]: (fold: RunFold, observation: ObservationOf<Kind>) => void;
};

const assembled = (fold: RunFold, observation: Observation): void => fold.assemble(observation);

const handlers: ObservationHandlers = {
  "run-start": (fold, observation) => fold.begin(observation),
  "run-end": (fold, observation) => fold.end(observation),
  "run-state": (fold, observation) => fold.summarise((summary) => withState(summary, observation)),
  "guard-finding": (fold, observation) => fold.noticed(observation),
  heartbeat: (fold, { atMs }) => fold.tell({ type: "heartbeat", atMs }),
  ack: (fold, { ack }) => {
    fold.effects.acks.push(ack);
  },
  checkpoint: (fold, { checkpoint }) => {
    fold.effects.checkpoints.push(checkpoint);
    fold.summarise((summary) => ({ ...summary, checkpointId: checkpoint.checkpointId }));
  },
  "approval-request": (fold, { request }) => {
    fold.effects.approvals.push(request);
    fold.summarise((summary) => withApprovalRequest(summary, request.approvalId));
  },
  "scope-end": (fold, observation) => {
    fold.assemble(observation);
    fold.leaveScope(observation);
  },
  "model-call-start": assembled,
  "model-call-end": assembled,
  "tool-call-start": assembled,
  "tool-call-end": assembled,
  "message-content": assembled,
};

function foldObservation(fold: RunFold, observation: Observation): void {
  const { runId, principal: owner } = fold.state.summary;
  const { principal: sender } = observation;
  if (!mayAddTo(owner, sender)) {
    fold.effects.refused.push({ runId, owner, sender });
    return;
  }
  if (beginsEpoch(fold.state.summary, observation)) fold.beginEpoch(observation);
  fold.sight(observation);
  const handle = handlers[observation.kind] as (fold: RunFold, observation: Observation) => void;
  handle(fold, observation);
}

/** What somebody answered whom detection, or a finding, made ask. */
type AnswerRecord = SimilarityRecord | JudgementRecord;

function answerInput(answer: AnswerRecord): MonitorInput {
  return answer.kind === "judgement" ? { type: "judgement", ...answer } : { type: "similarity", ...answer };
}

/** Something that happens to one run, at its offset. */
export type RunEvent =
  | { type: "observation"; observation: Observation; offset: number }
  | { type: "control"; record: ControlRecord; offset: number }
  | { type: "answer"; answer: AnswerRecord; offset: number }
  | { type: "timer"; nowMs: number; offset: number };

/** When it happened, by the clock of whoever told it. */
export function timeOf(event: RunEvent): number {
  switch (event.type) {
    case "observation":
      return event.observation.atMs;
    case "control":
      return event.record.type === "command" ? event.record.issuedAtMs : event.record.ack.atMs;
    case "answer":
      return event.answer.atMs;
    case "timer":
      return event.nowMs;
  }
}

/** The next state of a run; what follows is appended to `effects`. A record at or below the last folded offset changes nothing. */
export function foldRun(
  state: RunState,
  event: RunEvent,
  context: { parts: RunParts; effects: Effects },
): RunState {
  const fold = new RunFold(state, context.parts, context.effects);
  switch (event.type) {
    case "observation":
      if (event.offset <= state.lastObservationOffset) return state;
      foldObservation(fold, event.observation);
      return revised(state, { ...fold.state, lastObservationOffset: event.offset });
    case "control":
      if (event.offset <= state.lastControlOffset) return state;
      fold.control(event.record, event.offset);
      return revised(state, { ...fold.state, lastControlOffset: event.offset });
    case "answer":
      if (event.offset <= state.lastObservationOffset) return state;
      fold.tell(answerInput(event.answer));
      return revised(state, { ...fold.state, lastObservationOffset: event.offset });
    case "timer":
      fold.passTime(event.nowMs);
      if (fold.state === state) return state;
      return revised(state, { ...fold.state, lastObservationOffset: event.offset });
  }
}

/**
 * Of two summaries the one that knows more of the run's own records has the higher revision, whoever folded them and
 * in whichever order the two topics came.
 */
function revised(before: RunState, after: RunState): RunState {
  if (after.summary === before.summary) return after;
  const revision = after.lastObservationOffset + after.lastControlOffset + 2;
  return { ...after, summary: { ...after.summary, revision } };
}
