import type { Step } from "@plumbline/contracts";
import { packHashes } from "../features/pack.ts";
import { internName } from "./names.ts";
import type { MarkBase, RunState } from "./run-state.ts";
import { shortStepId } from "./step-ids.ts";
import { learnDuration } from "./typical-duration.ts";

const maxWords = 8;
const maxEntities = 4;
const maxNameWords = 4;

export interface MarkWords {
  words: readonly number[];
  entities: readonly number[];
}

function durationOf(step: Step): number {
  return step.endMs === null ? 0 : Math.max(0, step.endMs - step.startMs);
}

/** The parts of the state that every ended step changes: names, times, open steps, typical durations. */
export function withStep(state: RunState, step: Step, nameWords: readonly number[]): RunState {
  const endMs = step.endMs ?? step.startMs;
  const named = internName(state.names, step.name, packHashes(nameWords, maxNameWords));
  return {
    ...state,
    names: internName(named.names, step.agentName).names,
    traces: shortStepId(state.traces, step.stepId).traces,
    startMs: state.startMs === 0 ? step.startMs : state.startMs,
    lastMs: Math.max(state.lastMs, endMs),
    traceId: step.traceId,
    spanId: step.spanId,
    open: state.open.filter((open) => open.stepId !== step.stepId),
    typical: learnDuration(state.typical, step.name, durationOf(step)),
    lastSequence: Math.max(state.lastSequence, step.sequence),
  };
}

/** The parts of a mark that tool and model calls share; `state` has already taken the step in. */
export function markBase(
  state: RunState,
  step: Step,
  { words, entities }: MarkWords,
): Omit<MarkBase, "round" | "spent"> {
  return {
    id: shortStepId(state.traces, step.stepId).id,
    sequence: step.sequence,
    revision: step.revision,
    name: internName(state.names, step.name).index,
    agent: internName(state.names, step.agentName).index,
    at: Math.round((step.endMs ?? step.startMs) - state.startMs),
    words: packHashes(words, maxWords),
    entities: packHashes(entities, maxEntities),
  };
}
