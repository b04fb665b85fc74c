import {
  type Finding,
  type FindingKind,
  type Intervention,
  interventions,
  type Step,
} from "@plumbline/contracts";
import type { Comparison, Monitor, MonitorInput, Similarity } from "../monitor.ts";
import { requestOfStep } from "../similarity/request-of-step.ts";
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

interface Reading {
  record: RunRecord;
  steps: readonly RecordedStep[];
  ends?: EndsReading | undefined;
}

/** Whether a finding ends the reading of a run. */
type EndsReading = (finding: Finding) => boolean;

/** Reads the steps; yields what the monitor wants compared, and takes the answer before the next step. */
function* raisedFindings<State>(
  monitor: Monitor<State>,
  { record, steps, ends }: Reading,
): Generator<Comparison, Raised[], Similarity | null> {
  let state = began(monitor, record, steps[0]?.step);
  const raised: Raised[] = [];
  const take = (input: MonitorInput, at: number): Comparison[] => {
    const change = monitor.next(state, input);
    ({ state } = change);
    return change.outputs.flatMap((output) => {
      if (output.type === "finding") raised.push({ finding: output.finding, at });
      else if (output.type === "command")
        ({ state } = monitor.next(state, { type: "ack", ack: promptAckOf(output.command) }));
      return output.type === "comparison" ? [output.comparison] : [];
    });
  };
  for (const { step, index } of steps) {
    if (ends !== undefined && raised.some(({ finding }) => ends(finding))) break;
    for (const comparison of take({ type: "step", step }, index)) {
      const similarity = yield comparison;
      if (similarity !== null)
        take({ type: "similarity", ...similarity, atMs: step.endMs ?? step.startMs }, index);
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

function evaluationOf(
  record: RunRecord,
  steps: readonly RecordedStep[],
  raised: readonly Raised[],
): RunEvaluation {
  const findings = evaluatedFindings(raised, steps);
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

/**
 * Reads a recorded run to its end, or to the step at which a finding `ends` the reading; a finding is listed when it is
 * raised and again each time it climbs the ladder.
 */
export function evaluateRun<State>(
  monitor: Monitor<State>,
  record: RunRecord,
  ends?: EndsReading,
): RunEvaluation {
  const steps = stepsOfRecord(record);
  const reading = raisedFindings(monitor, { record, steps, ends });
  let next = reading.next();
  while (next.done !== true) next = reading.next(null);
  return evaluationOf(record, steps, next.value);
}

/** Tells how far texts say the same as another: 0…1 each. */
export type CompareTexts = (
  text: string,
  others: readonly string[],
) => Promise<Pick<Similarity, "sameness" | "degraded">>;

/** The same, with the requests compared that detection asks about. */
export async function evaluateRunComparing<State>(
  monitor: Monitor<State>,
  record: RunRecord,
  compare: CompareTexts,
): Promise<RunEvaluation> {
  const steps = stepsOfRecord(record);
  const texts = new Map(steps.map(({ step }) => [step.stepId, requestOfStep(step) ?? ""]));
  const reading = raisedFindings(monitor, { record, steps });
  let next = reading.next();
  while (next.done !== true) {
    const { stepId, against } = next.value;
    const others = against.map((id) => texts.get(id) ?? "");
    const answer = await compare(texts.get(stepId) ?? "", others);
    next = reading.next({ stepId, ...answer });
  }
  return evaluationOf(record, steps, next.value);
}
