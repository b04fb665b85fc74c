import {
  type ControlRecord,
  type Evidence,
  type Finding,
  type JudgementRecord,
  type Observation,
  type ObservationOf,
  type SimilarityRecord,
  type Step,
  assertNever,
  isTerminal,
} from "@plumbline/contracts";
import type { MonitorInput, MonitorOutput } from "@plumbline/detection";
import { foldControl } from "../act/fold.ts";
import type { Effects } from "./effects.ts";
import { contributionBefore, withCounted } from "./contribution.ts";
import { askedIn, beginsEpoch, withEpoch } from "./epoch.ts";
import { mayAddTo, mayLeadToCommands } from "./ownership.ts";
import { guardFindingOf } from "./guard-finding.ts";
import { watchPause } from "./pause-watch.ts";
import type { RunParts, RunState } from "./run-state.ts";
import {
  withAck,
  withApprovalRequest,
  withBeginning,
  withDirective,
  withEnd,
  withFinding,
  withProgress,
  withSighting,
  withState,
  withStep,
  withTime,
} from "./summary.ts";

/*
 * Owns: how one record changes one run, and what follows from it.
 * Does not own: reading, publishing, storing, time. Same state and record, same result, on every owner and in replay.
 */

/** How long after its outermost span a run without a gate is taken to be over. */
const endGraceMs = 10_000;
/** A run of which nothing was heard for this long is over, whatever it was doing. */
const forgottenAfterMs = 30 * 60_000;

function filled(state: RunState, parts: RunParts, finding: Finding): Finding {
  const evidence = finding.evidence.map((item): Evidence => {
    const known = parts.assembler.evidenceOf(state.assembly, item.stepId);
    return known === undefined ? item : { ...item, ...known };
  });
  return { ...finding, evidence };
}

function applyOutput(
  state: RunState,
  output: MonitorOutput,
  context: { parts: RunParts; effects: Effects },
): RunState {
  const { parts, effects } = context;
  switch (output.type) {
    case "score":
      effects.scores.push(output.score);
      return state;
    case "command":
      effects.commands.push(output.command);
      return state;
    case "finding": {
      const finding = filled(state, parts, output.finding);
      if (finding.revision === 0) effects.raised.push(finding);
      effects.findings.push(finding);
      return { ...state, summary: withFinding(state.summary, finding) };
    }
    case "comparison": {
      const { tenantId, runId } = state.summary;
      effects.comparisons.push({ tenantId, runId, comparison: output.comparison });
      return state;
    }
    default:
      return assertNever(output);
  }
}

/** One run's fold with everything it needs at hand. */
class RunFold {
  state: RunState;
  readonly effects: Effects;
  readonly #parts: RunParts;

  constructor(state: RunState, parts: RunParts, effects: Effects) {
    this.state = state;
    this.effects = effects;
    this.#parts = parts;
  }

  tell(input: MonitorInput): void {
    const { monitor } = this.#parts;
    const { state: next, outputs } = monitor.next(this.state.monitor, input);
    // A moment at which nothing follows changes nothing: a run that only waits needs no new snapshot.
    if (input.type === "timer" && outputs.length === 0) return;
    this.state = { ...this.state, monitor: next };
    for (const output of outputs)
      this.state = applyOutput(this.state, output, { parts: this.#parts, effects: this.effects });
    this.summarise((summary) => withProgress(summary, monitor.progressOf(this.state.monitor)));
  }

  summarise(change: (summary: RunState["summary"]) => RunState["summary"]): void {
    const summary = change(this.state.summary);
    if (summary !== this.state.summary) this.state = { ...this.state, summary };
  }

  assemble(observation: Observation): void {
    const { state: assembly, steps, goal } = this.#parts.assembler.next(this.state.assembly, observation);
    this.state = { ...this.state, assembly };
    if (goal !== null && this.state.epoch === 0 && this.state.summary.goal === "")
      this.learnGoal(goal, observation.atMs);
    for (const step of steps) this.addStep(step);
  }

  learnGoal(goal: string, atMs: number): void {
    this.summarise((summary) => ({ ...summary, goal }));
    if (this.state.begun) return;
    this.state = { ...this.state, begun: true };
    this.tell({ type: "run-start", goal, limits: {}, hasGate: false, atMs });
  }

  /** A run goes on after its end: what is watched for, and its goal, begin anew. */
  beginEpoch({ atMs }: Observation): void {
    const hasGate = this.state.summary.gate !== "none" && this.mayLeadToCommands();
    this.summarise(withEpoch);
    this.state = { ...this.state, epoch: this.state.epoch + 1, begun: false, pendingEnd: null };
    const { limits } = this.state.control.directive;
    this.tell({ type: "run-start", goal: "", limits, hasGate, atMs });
  }

  addStep(step: Step): void {
    this.effects.steps.push(step);
    const asked = this.state.begun || this.state.epoch === 0 ? undefined : askedIn(step);
    if (asked !== undefined) this.learnGoal(asked, step.startMs);
    const { counted, summary, pendingEnd } = this.state;
    this.state = {
      ...this.state,
      summary: withStep(summary, step, contributionBefore(counted, step.stepId)),
      counted: withCounted(counted, step),
      // A child that ends after its root is no sign that the run goes on.
      pendingEnd: pendingEnd !== null && step.startMs > pendingEnd.atMs ? null : pendingEnd,
    };
    this.tell({ type: "step", step });
  }

  begin(observation: ObservationOf<"run-start">): void {
    const { goal, goalFingerprint, limits, parentRunId, queued, atMs } = observation;
    this.summarise((summary) => withBeginning(summary, { goal, parentRunId, limits, queued }));
    this.state = { ...this.state, begun: true };
    const hasGate = this.mayLeadToCommands();
    this.tell({ type: "run-start", goal, goalFingerprint, limits, hasGate, atMs });
  }

  mayLeadToCommands(): boolean {
    return mayLeadToCommands(this.state.summary, this.#parts.anonymous);
  }

  /** What the run's first named sender says makes the run its own; from then on its gate counts. */
  sight(observation: Observation): void {
    const { begun, summary: before } = this.state;
    const counted = this.mayLeadToCommands();
    this.summarise((summary) => withSighting(summary, observation));
    if (!begun || counted || before.gate === "none" || !this.mayLeadToCommands()) return;
    const { goal, limits } = before;
    this.tell({ type: "run-start", goal, limits, hasGate: true, atMs: observation.atMs });
  }

  end(observation: ObservationOf<"run-end">): void {
    const { status, stopReason, message, atMs } = observation;
    this.summarise((summary) => withEnd(summary, { status, stopReason, message: message ?? "", atMs }));
    this.tell({ type: "run-end", atMs });
  }

  noticed(observation: ObservationOf<"guard-finding">): void {
    const finding = guardFindingOf(this.state.summary, observation);
    this.state = applyOutput(
      this.state,
      { type: "finding", finding },
      { parts: this.#parts, effects: this.effects },
    );
  }

  leaveScope(observation: ObservationOf<"scope-end">): void {
    if (!observation.isRoot || this.state.summary.gate !== "none") return;
    const { endMs: atMs, error } = observation;
    this.state = {
      ...this.state,
      pendingEnd: { atMs, failed: error !== null, message: error?.message ?? "" },
    };
  }

  /** Foreign runs end by their outermost span and a grace, or by being forgotten. */
  passTime(nowMs: number): void {
    const { pendingEnd, summary } = this.state;
    if (isTerminal(summary.status)) return;
    this.summarise((current) => withTime(current, nowMs));
    this.watchPause(nowMs);
    if (pendingEnd !== null && nowMs - summary.lastSeenAtMs > endGraceMs) {
      const { failed, message, atMs } = pendingEnd;
      const status = failed ? ("failed" as const) : ("completed" as const);
      this.close({ status, stopReason: failed ? "FAILED" : "COMPLETED", message, atMs });
    } else if (nowMs - summary.lastSeenAtMs > forgottenAfterMs && summary.status !== "paused") {
      this.close({
        status: "failed",
        stopReason: "STALLED",
        message: "Nothing was heard of the run for 30 minutes.",
        atMs: nowMs,
      });
    } else {
      this.tell({ type: "timer", nowMs });
    }
  }

  watchPause(nowMs: number): void {
    const before = this.state.pauseWatch ?? null;
    const { watch, unanswered } = watchPause(before, this.state.summary, nowMs);
    if (unanswered !== null) this.effects.unansweredPauses.push(unanswered);
    if (watch !== before) this.state = { ...this.state, pauseWatch: watch };
  }

  close(end: Parameters<typeof withEnd>[1]): void {
    this.summarise((summary) => withEnd(summary, end));
    this.tell({ type: "run-end", atMs: end.atMs });
  }

  control(record: ControlRecord, offset: number): void {
    const before = this.state.control;
    const control = foldControl(before, record, offset);
    this.state = { ...this.state, control };
    if (record.type === "command") this.effects.foldedCommands.push(record);
    else this.effects.foldedAcks.push(record.ack);
    const isNews = control.directive !== before.directive;
    if (isNews) {
      this.effects.directives.push(control.directive);
      this.summarise((summary) => withDirective(summary, control.directive));
    }
    if (record.type === "ack") {
      this.summarise((summary) => withAck(summary, record.ack, control.directive));
      if (this.mayLeadToCommands()) this.tell({ type: "ack", ack: record.ack });
    } else if (isNews) {
      this.tell({ type: "directive", directive: control.directive, atMs: record.issuedAtMs });
    }
  }
}

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
