import type { Step } from "@plumbline/contracts";
import type { EmittedStep, RunAssembly } from "./assembly-state.ts";
import type { Look, StepCandidate } from "./derive-all.ts";
import { type DerivedStep, withdrawnStep } from "./derive-steps.ts";
import { withEvidence } from "./evidence-lines.ts";
import { recordKeyOfStep } from "./record-keys.ts";
import { emittedOf, recordOf, withEmitted } from "./run-index.ts";
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
  return state.emitted.flatMap(({ stepId, synthetic, basis }) => {
    if (synthetic === null || standing.has(stepId) || basis === noLongerStands) return [];
    const asker = recordOf(state.records, recordKeyOfStep(stepId));
    if (asker === undefined) return [];
    const { name, startMs } = synthetic;
    const derive = (): DerivedStep => withdrawnStep(state, asker.place, { stepId, name, startMs });
    return [{ stepId, startMs, retracted: true, basis: noLongerStands, isTouched: true, derive }];
  });
}

/** What is taken back goes before what stands in its place, else in the order of time. */
const inOrder = (first: StepCandidate, second: StepCandidate): number =>
  Number(second.retracted) - Number(first.retracted) || first.startMs - second.startMs;

/** Steps that are new or different from what was last said of them, and the state that remembers it. */
export function emitChanges(state: RunAssembly, look: Look): { state: RunAssembly; steps: Step[] } {
  const changed = [...look.changed, ...takenBack(state, look.standing)];
  if (changed.length === 0) return { state, steps: [] };
  const steps: Step[] = [];
  const told = new Map<string, EmittedStep>();
  let { lastSequence, evidence } = state;
  for (const candidate of changed.toSorted(inOrder)) {
    const { stepId, basis } = candidate;
    const before = told.get(stepId) ?? emittedOf(state.emitted, stepId);
    const derived = candidate.derive();
    const digest = digestOf(derived);
    if (before?.digest === digest) {
      told.set(stepId, { ...before, basis });
      continue;
    }
    const step = numbered(derived, before, lastSequence);
    lastSequence = Math.max(lastSequence, step.sequence);
    const synthetic =
      step.synthetic && !step.retracted
        ? { name: step.name, startMs: step.startMs, callId: step.tool?.callId ?? null }
        : null;
    const { sequence, revision } = step;
    told.set(stepId, { stepId, sequence, revision, digest, basis, synthetic });
    evidence = withEvidence(evidence, step);
    steps.push(step);
  }
  const emitted = withEmitted(state.emitted, [...told.values()]);
  return { state: { ...state, emitted, lastSequence, evidence }, steps };
}
