import type { Step } from "@plumbline/contracts";
import type { EmittedStep, RunAssembly } from "./assembly-state.ts";
import type { StepCandidate } from "./derive-all.ts";
import { type DerivedStep, withdrawnStep } from "./derive-steps.ts";
import { withEvidence } from "./evidence-lines.ts";
import { isSettled } from "./settled-marks.ts";
import { hashOf } from "./text-hash.ts";
import { digestOf } from "./step-digest.ts";

function numbered(step: DerivedStep, before: EmittedStep | undefined, lastSequence: number): Step {
  return before === undefined
    ? { ...step, sequence: lastSequence + 1, revision: 0 }
    : { ...step, sequence: before.sequence, revision: before.revision + 1 };
}

function mayHaveChanged(state: RunAssembly, candidate: StepCandidate): boolean {
  const before = state.emitted[candidate.stepId];
  if (before === undefined) return !candidate.retracted && !isSettled(state, "step", candidate.stepId);
  return candidate.isTouched || candidate.basis !== before.basis;
}

const noLongerStands = hashOf("taken back");

/** Synthetic steps that later knowledge gave another id, or none: the call belongs to another model call after all. */
function takenBack(state: RunAssembly, candidates: readonly StepCandidate[]): StepCandidate[] {
  const standing = new Set(candidates.map((candidate) => candidate.stepId));
  return Object.entries(state.emitted).flatMap(([stepId, { synthetic, basis }]) => {
    if (synthetic === null || standing.has(stepId) || basis === noLongerStands) return [];
    const asker = state.records[stepId.split(".", 2).join(".")];
    if (asker === undefined) return [];
    const { name, startMs } = synthetic;
    const derive = (): DerivedStep => withdrawnStep(state, asker.place, { stepId, name, startMs });
    return [{ stepId, startMs, retracted: true, basis: noLongerStands, isTouched: true, derive }];
  });
}

/** Steps that are new or different from what was last said of them, and the state that remembers it. */
export function emitChanges(
  state: RunAssembly,
  candidates: readonly StepCandidate[],
): { state: RunAssembly; steps: Step[] } {
  const changed = [
    ...candidates.filter((candidate) => mayHaveChanged(state, candidate)),
    ...takenBack(state, candidates),
  ];
  if (changed.length === 0) return { state, steps: [] };
  const steps: Step[] = [];
  const emitted = { ...state.emitted };
  let { lastSequence, evidence } = state;
  for (const candidate of changed.toSorted((first, second) => first.startMs - second.startMs)) {
    const { stepId, basis } = candidate;
    const before = emitted[stepId];
    const derived = candidate.derive();
    const digest = digestOf(derived);
    if (before?.digest === digest) {
      emitted[stepId] = { ...before, basis };
      continue;
    }
    const step = numbered(derived, before, lastSequence);
    lastSequence = Math.max(lastSequence, step.sequence);
    const synthetic =
      step.synthetic && !step.retracted
        ? { name: step.name, startMs: step.startMs, callId: step.tool?.callId ?? null }
        : null;
    emitted[stepId] = { sequence: step.sequence, revision: step.revision, digest, basis, synthetic };
    evidence = withEvidence(evidence, step);
    steps.push(step);
  }
  return { state: { ...state, emitted, lastSequence, evidence }, steps };
}
