import { has, type ToolMark } from "../../track/run-state.ts";
import { type Detector, nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import { isWaiting } from "../patience.ts";
import { type NoProgressConfig, noProgressDefaults } from "./config.ts";

interface Standstill {
  marks: readonly ToolMark[];
  /** Names of what was tried in between. */
  tried: readonly number[];
  needed: number;
}

/** The same call with the same failure, or with the same answer. */
function cameBackEqual(a: ToolMark, b: ToolMark): boolean {
  if (a.call !== b.call) return false;
  return a.failure === 0 || b.failure === 0 ? a.result === b.result : a.failure === b.failure;
}

/** The same outcome of the same call, since it was another one. */
function equalsOf(tools: readonly ToolMark[], last: ToolMark): ToolMark[] {
  const changed = tools.findLastIndex((mark) => mark.call === last.call && !cameBackEqual(mark, last));
  const equals = tools.slice(changed + 1).filter((mark) => cameBackEqual(mark, last));
  return equals.filter((mark, index) => equals[index - 1]?.round !== mark.round);
}

/** Calls since something new was learned or asked for; the call in question opens the stretch if it was the news. */
function barrenStretch(tools: readonly ToolMark[], last: ToolMark): readonly ToolMark[] {
  const news = tools.findLastIndex(
    (mark) => has(mark, "asked") || (mark.gain >= 0.2 && !cameBackEqual(mark, last)),
  );
  return tools.slice(news + 1);
}

/** What was tried in between; waiting is no attempt. */
function triedBetween(view: RunView, marks: readonly ToolMark[]): number[] {
  const first = marks[0]?.sequence ?? 0;
  return view.tools
    .filter((mark) => mark.sequence > first && !marks.includes(mark) && !isWaiting(view, mark))
    .map((mark) => mark.name);
}

function standstillOf(view: RunView, last: ToolMark, config: NoProgressConfig): Standstill | null {
  const barren = equalsOf(barrenStretch(view.tools, last), last);
  const isAnswer = last.failure === 0 && last.outcome !== "empty";
  const needed = isAnswer ? config.unchangedAnswer : config.unchanged;
  const tried = triedBetween(view, barren);
  if (barren.length >= needed && tried.length > 0) return { marks: barren, tried, needed };
  if (last.failure === 0) return null;
  const all = equalsOf(view.tools, last);
  if (all.length < config.unchangedDespiteNews) return null;
  return { marks: all, tried: triedBetween(view, all), needed: config.unchangedDespiteNews };
}

function suspicionOf(view: RunView, { marks, tried, needed }: Standstill): Suspicion {
  const last = marks.at(-1) as ToolMark;
  const name = nameOf(view, last);
  const others = [...new Set(tried)]
    .map((index) => view.state.names[index]?.name ?? "")
    .filter((other) => other !== name);
  const attempts = others.length === 0 ? "other calls" : others.slice(0, 3).join(", ");
  return {
    kind: "no-progress",
    signature: `${String(last.call)}.${String(last.failure === 0 ? last.result : last.failure)}`,
    confidence: Math.min(0.95, 0.75 + 0.05 * (marks.length - needed)),
    urgency: "ladder",
    summary: `${name} came back unchanged ${String(marks.length)} times, whatever ${attempts} did in between.`,
    ruledOut: "not re-testing after a change: the outcome did not move with any of the changes",
    evidence: marks.map((mark) => suspectOf(view, mark)),
    facts: { names: [name], count: marks.length },
  };
}

/** Acts change, the outcome does not. */
export const noProgress: Detector<NoProgressConfig> = {
  kind: "no-progress",
  version: "2",
  defaults: noProgressDefaults,
  inspect(view, config) {
    if (view.latest?.kind !== "tool") return null;
    const last = view.latest.mark;
    // A command that prints nothing has nothing to complain of.
    if (isWaiting(view, last) || has(last, "ack") || has(last, "blank")) return null;
    const standstill = standstillOf(view, last, config);
    return standstill === null ? null : suspicionOf(view, standstill);
  },
  configWithout: (config, without) =>
    without === "likely-side-tools" ? { ...config, unchanged: config.unchanged + 1 } : config,
};
