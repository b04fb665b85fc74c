import { packedItems } from "../../features/pack.ts";
import type { Comparison } from "../../monitor.ts";
import { fullStepId } from "../../track/step-ids.ts";
import { has, type RunState, type ToolMark } from "../../track/run-state.ts";
import type { RunView } from "../detector.ts";

const maxAgainst = 4;
const within = 12;
const fruitfulGain = 0.2;

/** Something new came of it. */
export const isFruitful = (mark: ToolMark): boolean => mark.gain >= fruitfulGain;

/** Whether a call's request is worth comparing: it is told in sentences, or nothing came of it. */
export const isComparable = (mark: ToolMark): boolean =>
  has(mark, "asks") && (has(mark, "prose") || !isFruitful(mark));

/** What a call names beyond what the goal named: a request may leave out what it is all about. */
function newEntities({ goal }: RunState, mark: ToolMark): string {
  const known = new Set(packedItems(goal.entities));
  return packedItems(mark.entities)
    .filter((entity) => !known.has(entity))
    .join("");
}

/**
 * What structure and words leave open: another request of one tool about the same entities as requests before it. The
 * same call again, a new entity or a first request need no comparison.
 */
export function comparisonOf({ latest, tools, state }: RunView): Comparison | null {
  if (latest?.kind !== "tool" || latest.mark.sameness !== undefined || !isComparable(latest.mark))
    return null;
  const { mark } = latest;
  const earlier = tools
    .slice(-within)
    .filter((one) => one.sequence < mark.sequence && one.name === mark.name && isComparable(one));
  if (earlier.some((one) => one.call === mark.call)) return null;
  const named = newEntities(state, mark);
  const against = earlier.filter((one) => newEntities(state, one) === named).slice(-maxAgainst);
  if (against.length === 0) return null;
  return {
    stepId: fullStepId(state.traces, mark.id),
    against: against.map((one) => fullStepId(state.traces, one.id)),
  };
}
