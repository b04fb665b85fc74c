import {
  type Finding,
  type FindingKind,
  type Intervention,
  interventions,
  type Step,
} from "@plumbline/contracts";
import type { Monitor } from "../monitor.ts";
import { promptAckOf } from "./prompt-ack.ts";
import { type RecordedStep, stepsOfRecord } from "./record-steps.ts";
import type { RunRecord } from "./run-record.ts";

export interface EvaluatedFinding {
  kind: FindingKind;
  first_step: number;
  at_step: number;
  confidence: number;
  action: Intervention;
}

/** What the monitor made of one recorded run. */
export interface RunEvaluation {
  run_id: string;
  steps: number;
  findings: EvaluatedFinding[];
  verdict: Intervention;
  stopped_at_step: number | null;
}

const isStronger = (a: Intervention, b: Intervention): boolean =>
  interventions.indexOf(a) > interventions.indexOf(b);

interface Raised {
  finding: Finding;
  /** Index of the step at which it was raised. */
  at: number;
}

function began<State>(monitor: Monitor<State>, record: RunRecord, first: Step | undefined): State {
  const state = monitor.begin({ tenantId: "", runId: first?.runId ?? "run", agentName: "agent" });
  const goal = record.task ?? "";
  return monitor.next(state, {
    type: "run-start",
    goal,
    limits: {},
    hasGate: true,
    atMs: first?.startMs ?? 0,
  }).state;
}

function raisedFindings<State>(
  monitor: Monitor<State>,
  record: RunRecord,
  steps: readonly RecordedStep[],
): Raised[] {
  let state = began(monitor, record, steps[0]?.step);
  const raised: Raised[] = [];
  for (const { step, index } of steps) {
    const change = monitor.next(state, { type: "step", step });
    ({ state } = change);
    for (const output of change.outputs) {
      if (output.type === "finding") raised.push({ finding: output.finding, at: index });
      else if (output.type === "command")
        ({ state } = monitor.next(state, { type: "ack", ack: promptAckOf(output.command) }));
    }
  }
  return raised;
}

function evaluatedFindings(raised: readonly Raised[], steps: readonly RecordedStep[]): EvaluatedFinding[] {
  const indexOf = new Map(steps.map(({ step, index }) => [step.sequence, index]));
  const strongest = new Map<string, Intervention>();
  return raised.flatMap(({ finding, at }) => {
    const before = strongest.get(finding.findingId);
    if (before !== undefined && !isStronger(finding.intervention, before)) return [];
    strongest.set(finding.findingId, finding.intervention);
    const { kind, confidence, intervention } = finding;
    return [
      {
        kind,
        first_step: indexOf.get(finding.firstSequence) ?? 0,
        at_step: at,
        confidence,
        action: intervention,
      },
    ];
  });
}

/** Reads a recorded run to its end; a finding is listed when it is raised and again each time it climbs the ladder. */
export function evaluateRun<State>(monitor: Monitor<State>, record: RunRecord): RunEvaluation {
  const steps = stepsOfRecord(record);
  const findings = evaluatedFindings(raisedFindings(monitor, record, steps), steps);
  const verdict = findings.reduce<Intervention>(
    (strongest, { action }) => (isStronger(action, strongest) ? action : strongest),
    "observe",
  );
  const stopped = findings.find(({ action }) => isStronger(action, "nudge"));
  return {
    run_id: record.run_id,
    steps: record.steps.length,
    findings,
    verdict,
    stopped_at_step: stopped?.at_step ?? null,
  };
}
