import { isFailed } from "../../track/gain.ts";
import { has, type ToolMark } from "../../track/run-state.ts";
import { type Detector, nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import { isBackingOff } from "../patience.ts";
import { type RetryStormConfig, retryStormDefaults } from "./config.ts";

/** Failed calls of the last call's tool, back to its last success or to a person's new request. */
function failuresInRow(view: RunView, last: ToolMark): ToolMark[] {
  const row: ToolMark[] = [];
  for (const mark of view.tools.toReversed()) {
    if (mark.name === last.name && !isFailed(mark)) break;
    if (mark.name === last.name) row.unshift(mark);
    if (has(mark, "asked")) break;
  }
  return row;
}

const roundsOf = (marks: readonly ToolMark[]): number => new Set(marks.map((mark) => mark.round)).size;

/** Failures that each tell something new are debugging; only those that told nothing count. */
function isBarren({ tools }: RunView, row: readonly ToolMark[], config: RetryStormConfig): boolean {
  const barren = row.filter((mark) => mark.gain === 0);
  const latest = row.slice(row.findLastIndex((mark) => mark.gain > 0) + 1);
  const isMostly = roundsOf(barren) >= config.anyFailures && barren.length >= 0.8 * row.length;
  return isMostly || (roundsOf(latest) >= config.barrenFailures && !isBackingOff(tools, latest));
}

function suspicionOf(view: RunView, marks: readonly ToolMark[], same: boolean): Suspicion {
  const last = marks.at(-1) as ToolMark;
  const name = nameOf(view, last);
  const how = same ? "with the same failure" : "without one success";
  return {
    kind: "retry-storm",
    signature: `${String(last.name)}.${same ? String(last.failure) : "any"}`,
    confidence: Math.min(0.95, 0.7 + 0.03 * marks.length),
    urgency: "ladder",
    summary: `${name} failed ${String(marks.length)} times in a row ${how}, whatever the arguments.`,
    ruledOut:
      "not one burst: the calls were made in separate rounds; no call of this tool succeeded in between",
    evidence: marks.map((mark) => suspectOf(view, mark)),
    facts: { names: [name], count: marks.length },
  };
}

/** Failing calls repeated without backoff, or one tool failing whatever the arguments. */
export const retryStorm: Detector<RetryStormConfig> = {
  kind: "retry-storm",
  version: "1",
  defaults: retryStormDefaults,
  inspect(view, config) {
    if (view.latest?.kind !== "tool" || !isFailed(view.latest.mark)) return null;
    const last = view.latest.mark;
    const row = failuresInRow(view, last);
    const same = row.filter((mark) => mark.failure === last.failure);
    const needed = isBackingOff(view.tools, same) ? config.backoffFailures : config.sameFailures;
    if (roundsOf(same) >= needed && same.length * 2 > row.length) return suspicionOf(view, same, true);
    return isBarren(view, row, config) ? suspicionOf(view, row, false) : null;
  },
  configWithout: (config) => config,
};
