import { type Finding, type FindingKind, type Intervention, interventions } from "@plumbline/contracts";
import type { Monitor } from "../monitor.ts";
import { stepsOfRecord } from "./record-steps.ts";
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

function findingsOf<State>(
  monitor: Monitor<State>,
  record: RunRecord,
): { findings: EvaluatedFinding[]; index: (sequence: number) => number } {
  const steps = stepsOfRecord(record);
  const bySequence = new Map(steps.map(({ step, index }) => [step.sequence, index]));
  const index = (sequence: number): number => bySequence.get(sequence) ?? 0;
  const runId = steps[0]?.step.runId ?? "run";
  let state = monitor.begin({ tenantId: "", runId, agentName: "agent" });
  const goal = record.task ?? "";
  ({ state } = monitor.next(state, {
    type: "run-start",
    goal,
    limits: {},
    hasGate: true,
    atMs: steps[0]?.step.startMs ?? 0,
  }));
  const raised: { finding: Finding; at: number }[] = [];
  for (const { step, index: at } of steps) {
    const change = monitor.next(state, { type: "step", step });
    ({ state } = change);
    for (const output of change.outputs)
      if (output.type === "finding") raised.push({ finding: output.finding, at });
  }
  const latest = new Map<string, Intervention>();
  const findings: EvaluatedFinding[] = [];
  for (const { finding, at } of raised) {
    const before = latest.get(finding.findingId);
    if (before !== undefined && !isStronger(finding.intervention, before)) continue;
    latest.set(finding.findingId, finding.intervention);
    findings.push({
      kind: finding.kind,
      first_step: index(finding.firstSequence),
      at_step: at,
      confidence: finding.confidence,
      action: finding.intervention,
    });
  }
  return { findings, index };
}

/** Reads a recorded run to its end; a finding is listed when it is raised and again each time it climbs the ladder. */
export function evaluateRun<State>(monitor: Monitor<State>, record: RunRecord): RunEvaluation {
  const { findings } = findingsOf(monitor, record);
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
