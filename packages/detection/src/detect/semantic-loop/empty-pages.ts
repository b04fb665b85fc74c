import type { ToolMark } from "../../track/run-state.ts";
import { nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import type { SemanticLoopConfig } from "./config.ts";

/** Calls of one shape, only numbers differing, that keep coming back empty although one of that shape once held something. */
export function emptyPages(view: RunView, last: ToolMark, config: SemanticLoopConfig): Suspicion | null {
  if (last.outcome !== "empty") return null;
  const pages = view.tools.filter((mark) => mark.shape === last.shape);
  const filled = pages.findLastIndex((mark) => mark.outcome !== "empty");
  const empty = pages.slice(filled + 1);
  if (
    filled < 0 ||
    empty.length < config.emptyPages ||
    new Set(empty.map((mark) => mark.call)).size < empty.length
  )
    return null;
  const name = nameOf(view, last);
  return {
    kind: "semantic-loop",
    signature: `pages.${String(last.shape)}`,
    confidence: 0.85,
    urgency: "ladder",
    summary: `${name} went on to ${String(empty.length)} more pages after the last one that held anything.`,
    ruledOut: "not paging: every page since then was empty",
    evidence: empty.map((mark) => suspectOf(view, mark)),
    facts: { names: [name], count: empty.length },
  };
}
