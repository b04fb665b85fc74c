import {
  type ControlRecord,
  type Evidence,
  type Finding,
  type Observation,
  type ObservationOf,
  type Step,
  assertNever,
  isTerminal,
} from "@plumbline/contracts";
import type { MonitorInput, MonitorOutput } from "@plumbline/detection";
import { foldControl } from "../act/fold.ts";
import type { Effects } from "./effects.ts";
import { contributionBefore, withCounted } from "./contribution.ts";
import { askedIn, withEpoch } from "./epoch.ts";
import { mayLeadToCommands } from "./ownership.ts";
import { watchPause } from "./pause-watch.ts";
import { endGraceMs, forgottenAfterMs } from "./quiet-until.ts";
import type { RunParts, RunState } from "./run-state.ts";
import {
  withAck,
  withBeginning,
  withDirective,
  withEnd,
  withFinding,
  withProgress,
  withSighting,
  withStep,
  withTime,
} from "./summary.ts";

/*
 * Owns: how one run changes, and what follows from it.
 * Does not own: which record makes which change (fold-run).
 */

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
    case "ack":
      effects.acks.push(output.ack);
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
export class RunFold {
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
    const { findingKind: kind, ...notice } = observation;
    this.tell({ ...notice, type: "guard-finding", kind });
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
    } else {
      this.tell({ type: "directive", directive: control.directive, atMs: record.issuedAtMs });
    }
  }
}
