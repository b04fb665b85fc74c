import type { Step } from "@plumbline/contracts";
import type { EmittedStep, RunAssembly } from "./assembly-state.ts";
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

/** Steps that are new or different from what was last said of them, and the state that remembers it. */
export function emitChanges(
  state: RunAssembly,
  derived: readonly DerivedStep[],
): { state: RunAssembly; steps: Step[] } {
  const steps: Step[] = [];
  const emitted = { ...state.emitted };
  let { lastSequence, evidence } = state;
  for (const next of derived.toSorted((first, second) => first.startMs - second.startMs)) {
    const before = emitted[next.stepId];
    if (before === undefined && (next.retracted || state.settled.includes(next.stepId))) continue;
    const digest = textHash(JSON.stringify(next, bigintAsText));
    if (before?.digest === digest) continue;
    const step = numbered(next, before, lastSequence);
    lastSequence = Math.max(lastSequence, step.sequence);
    emitted[step.stepId] = { sequence: step.sequence, revision: step.revision, digest };
    evidence = withEvidence(evidence, step);
    steps.push(step);
  }
  return steps.length === 0
    ? { state, steps }
    : { state: { ...state, emitted, lastSequence, evidence }, steps };
}
