import type { Step } from "@plumbline/contracts";
import type { EmittedStep, RunAssembly } from "./assembly-state.ts";
import type { Look, StepCandidate } from "./derive-all.ts";
import { type DerivedStep, withdrawnStep } from "./derive-steps.ts";
import { withEvidence } from "./evidence-lines.ts";
import { hashOf } from "./text-hash.ts";
import { digestOf } from "./step-digest.ts";

function numbered(step: DerivedStep, before: EmittedStep | undefined, lastSequence: number): Step {
  return before === undefined
    ? { ...step, sequence: lastSequence + 1, revision: 0 }
    : { ...step, sequence: before.sequence, revision: before.revision + 1 };
}

const noLongerStands = hashOf("taken back");

/** Synthetic steps that later knowledge gave another id, or none: the call belongs to another model call after all. */
function takenBack(state: RunAssembly, standing: ReadonlySet<string>): StepCandidate[] {
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
export function emitChanges(state: RunAssembly, look: Look): { state: RunAssembly; steps: Step[] } {
  const changed = [...look.changed, ...takenBack(state, look.standing)];
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
