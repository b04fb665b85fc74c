import type { Step } from "@plumbline/contracts";
import type { EmittedStep, RunAssembly } from "./assembly-state.ts";
import type { StepCandidate } from "./derive-all.ts";
import type { DerivedStep } from "./derive-steps.ts";
import { withEvidence } from "./evidence-lines.ts";
import { textHash } from "./text-hash.ts";

const bigintAsText = (_key: string, value: unknown): unknown =>
  typeof value === "bigint" ? value.toString() : value;

function numbered(step: DerivedStep, before: EmittedStep | undefined, lastSequence: number): Step {
  return before === undefined
    ? { ...step, sequence: lastSequence + 1, revision: 0 }
    : { ...step, sequence: before.sequence, revision: before.revision + 1 };
}

function mayHaveChanged(
  candidate: StepCandidate,
  before: EmittedStep | undefined,
  settled: readonly string[],
): boolean {
  if (before === undefined) return !candidate.retracted && !settled.includes(candidate.stepId);
  return candidate.isTouched || candidate.basis !== before.basis;
}

/** Steps that are new or different from what was last said of them, and the state that remembers it. */
export function emitChanges(
  state: RunAssembly,
  candidates: readonly StepCandidate[],
): { state: RunAssembly; steps: Step[] } {
  const changed = candidates.filter((candidate) =>
    mayHaveChanged(candidate, state.emitted[candidate.stepId], state.settled),
  );
  if (changed.length === 0) return { state, steps: [] };
  const steps: Step[] = [];
  const emitted = { ...state.emitted };
  let { lastSequence, evidence } = state;
  for (const candidate of changed.toSorted((first, second) => first.startMs - second.startMs)) {
    const { stepId, basis } = candidate;
    const before = emitted[stepId];
    const derived = candidate.derive();
    const digest = textHash(JSON.stringify(derived, bigintAsText));
    if (before?.digest === digest) {
      emitted[stepId] = { ...before, basis };
      continue;
    }
    const step = numbered(derived, before, lastSequence);
    lastSequence = Math.max(lastSequence, step.sequence);
    emitted[stepId] = { sequence: step.sequence, revision: step.revision, digest, basis };
    evidence = withEvidence(evidence, step);
    steps.push(step);
  }
  return { state: { ...state, emitted, lastSequence, evidence }, steps };
}
