import { oncePerObject } from "@plumbline/contracts";
import { flagsOf, has, type ToolMark } from "../track/run-state.ts";
import { sideToolsOf } from "../track/side-tools.ts";
import type { RunView } from "./detector.ts";

/** A part of a run that may go in circles on its own, whatever happens between its calls. */
interface Strand {
  view: RunView;
  /** What was taken out: calls of tools that nothing depends on, or calls of tools that look so. */
  without: Without;
}

export type Without = "nothing" | "side-tools" | "likely-side-tools";

const sureContexts = 3;

/** The calls that are kept; a person's request before a call that is left out holds for the next one. */
function only(tools: readonly ToolMark[], keeps: (mark: ToolMark) => boolean): ToolMark[] {
  const kept: ToolMark[] = [];
  let isAsked = false;
  for (const mark of tools) {
    isAsked ||= has(mark, "asked");
    if (!keeps(mark)) continue;
    kept.push(
      isAsked && !has(mark, "asked") ? { ...mark, flags: mark.flags | flagsOf({ asked: true }) } : mark,
    );
    isAsked = false;
  }
  return kept;
}

/** Whether side tools were called after all sorts of calls: an edit belongs to what it edits, a log entry to anything. */
function isBesideAnything(tools: readonly ToolMark[], side: ReadonlySet<number>): boolean {
  const contexts = new Set<number>();
  let last: ToolMark | null = null;
  for (const mark of tools) {
    if (!side.has(mark.name)) last = mark;
    else if (last !== null) contexts.add(last.call);
  }
  return contexts.size >= sureContexts;
}

function withTools(view: RunView, tools: readonly ToolMark[]): RunView {
  const { latest } = view;
  if (latest?.kind !== "tool") return { ...view, tools };
  const mark = tools.find((kept) => kept.id === latest.mark.id) ?? latest.mark;
  return { ...view, tools, latest: { kind: "tool", mark } };
}

/** What the agent of the latest call did. What an agent says is answered by what others do: a reply has the whole run. */
function ownTools({ latest, tools }: RunView): readonly ToolMark[] {
  if (latest?.kind !== "tool") return tools;
  const isOwn = (mark: ToolMark): boolean => mark.agent === latest.mark.agent;
  return tools.every(isOwn) ? tools : only(tools, isOwn);
}

/** The run without side tools; null when it has none, or when the latest call is one. */
function withoutSideTools(view: RunView, own: readonly ToolMark[]): Strand | null {
  const side = sideToolsOf(own);
  const { latest } = view;
  if (side.size === 0 || (latest?.kind === "tool" && side.has(latest.mark.name))) return null;
  return {
    view: withTools(
      view,
      only(own, (mark) => !side.has(mark.name)),
    ),
    without: isBesideAnything(own, side) ? "side-tools" : "likely-side-tools",
  };
}

/** A call that told something, and that is no repetition, goes on with no loop of any strand. */
function mayGoOnWithLoop({ latest }: RunView): boolean {
  return latest !== null && (latest.kind === "model" || latest.mark.gain < 0.2 || has(latest.mark, "repeat"));
}

function takeApart(view: RunView): Strand[] {
  const strands: Strand[] = [{ view, without: "nothing" }];
  if (!mayGoOnWithLoop(view)) return strands;
  const { latest } = view;
  const own = ownTools(view);
  const isAcknowledged = latest?.kind === "tool" && has(latest.mark, "ack");
  if (own.length < view.tools.length && !isAcknowledged)
    strands.push({ view: withTools(view, own), without: "nothing" });
  const main = withoutSideTools(view, own);
  return main === null ? strands : [...strands, main];
}

/** The whole run, then what its latest agent did, then the same without side tools. A view is never changed: all detectors look at the same. */
export const strandsOf: (view: RunView) => readonly Strand[] = oncePerObject(takeApart);
