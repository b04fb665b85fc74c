import type { ToolMark } from "../../track/run-state.ts";
import { type Detector, nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import { type SemanticLoopConfig, semanticLoopDefaults } from "./config.ts";

/** Calls of the same tool that came back with nothing, since something came back last. */
function fruitlessCalls(tools: readonly ToolMark[], last: ToolMark, within: number): ToolMark[] {
  const recent = tools.slice(-within);
  const fruitful = recent.findLastIndex(
    (mark) => (mark.gain >= 0.2 && mark.failure === null && mark.outcome === "ok") || mark.asked,
  );
  return recent.slice(fruitful + 1).filter((mark) => mark.name === last.name && sameOutcome(mark, last));
}

function sameOutcome(a: ToolMark, b: ToolMark): boolean {
  if (a.outcome === "empty" || b.outcome === "empty") return a.outcome === b.outcome;
  if (a.failure !== null || b.failure !== null) return a.failure === b.failure;
  return a.result === b.result;
}

/** Mean share of words that were known from earlier calls; a new entity makes a call a new item. */
function familiarity(view: RunView, marks: readonly ToolMark[]): number {
  const known = new Set(view.state.goal.words.map((hash) => hash & 0xffff));
  const entities = new Set(view.state.goal.entities.map((hash) => hash & 0xffff));
  let sum = 0;
  marks.forEach((mark, index) => {
    const newEntity = mark.entities.some((hash) => !entities.has(hash));
    const words = mark.words.filter((hash) => known.has(hash)).length;
    const share = mark.words.length === 0 ? 1 : words / mark.words.length;
    if (index > 0) sum += newEntity ? 0 : share;
    for (const hash of mark.words) known.add(hash);
    for (const hash of mark.entities) entities.add(hash);
  });
  return marks.length < 2 ? 0 : sum / (marks.length - 1);
}

function suspicionOf(view: RunView, marks: readonly ToolMark[], confidence: number): Suspicion {
  const last = marks.at(-1) as ToolMark;
  const name = nameOf(view, last);
  return {
    kind: "semantic-loop",
    signature: `${String(last.name)}.${last.outcome}`,
    confidence,
    urgency: "ladder",
    summary: `${name} was called ${String(marks.length)} times in other words for the same thing, each time with the same outcome.`,
    ruledOut: "not a batch: the arguments name no new item",
    evidence: marks.map((mark) => suspectOf(view, mark)),
    facts: { names: [name], count: marks.length },
  };
}

/** Reworded calls with equal outcome. */
export const semanticLoop: Detector<SemanticLoopConfig> = {
  kind: "semantic-loop",
  version: "1",
  defaults: semanticLoopDefaults,
  inspect(view, config) {
    if (view.latest?.kind !== "tool") return null;
    const last = view.latest.mark;
    if (last.gain >= 0.2 || last.waiting || last.polls === true) return null;
    const marks = fruitlessCalls(view.tools, last, config.within);
    const rounds = new Set(marks.map((mark) => mark.round)).size;
    if (rounds < config.calls) return null;
    const known = familiarity(view, marks);
    return known < config.knownWords ? null : suspicionOf(view, marks, Math.min(0.95, 0.6 + known * 0.35));
  },
};
