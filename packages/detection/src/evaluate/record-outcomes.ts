import type { OutcomeClass } from "@plumbline/contracts";
import { stepsOfRecord } from "./record-steps.ts";
import type { RunRecord } from "./run-record.ts";

export interface RecordedOutcome {
  run_id: string;
  i: number;
  outcome: OutcomeClass;
  evidence: string | null;
}

/** How each tool call of a recorded run ended. */
export function outcomesOfRecord(record: RunRecord): RecordedOutcome[] {
  return stepsOfRecord(record)
    .filter(({ step }) => step.kind === "tool")
    .map(({ step, index }) => ({
      run_id: record.run_id,
      i: index,
      outcome: step.outcome.class,
      evidence: step.outcome.evidence,
    }));
}
