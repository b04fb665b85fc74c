import { has, type ToolMark } from "../../track/run-state.ts";
import { nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import { isComparable, isFruitful } from "./comparison.ts";
import type { SemanticLoopConfig } from "./config.ts";
import { templateShare } from "./template-share.ts";

/** The last requests of one tool that all say the same as those before them; a person's new request ends the row. */
function rowOf(tools: readonly ToolMark[], config: SemanticLoopConfig): ToolMark[] {
  const last = tools.findLast((mark) => mark.sameness !== undefined);
  const requests = tools.filter((mark) => mark.name === last?.name && isComparable(mark));
  // The newest request may not have been compared yet.
  const known = requests.at(-1)?.sameness === undefined ? requests.slice(0, -1) : requests;
  const isOther = (mark: ToolMark): boolean =>
    (mark.sameness ?? 0) < (isFruitful(mark) ? config.fruitfulSameness : config.sameness);
  const start = known.findLastIndex((mark) => isOther(mark) || has(mark, "asked"));
  return known.slice(Math.max(0, start));
}

/** Most words stand in every call: a template that is filled in. Sentences always share many. */
const isFilledIn = (row: readonly ToolMark[], config: SemanticLoopConfig): boolean =>
  row.some((mark) => !has(mark, "prose")) && templateShare(row) > config.templateShare;

/** Similarities come after the calls: by then another tool may have brought something. */
const hasMovedOn = (tools: readonly ToolMark[], last: ToolMark): boolean =>
  tools.some((mark) => mark.sequence > last.sequence && mark.name !== last.name && isFruitful(mark));

/** One request in ever other words: similarity says so, one tool and the same entities bear it out. */
export function restatedRequests(view: RunView, config: SemanticLoopConfig): Suspicion | null {
  const row = rowOf(view.tools, config);
  const last = row.at(-1);
  if (last === undefined || row.length < config.restated || isFilledIn(row, config)) return null;
  if (hasMovedOn(view.tools, last)) return null;
  const name = nameOf(view, last);
  const compared = row.slice(1);
  const mean = compared.reduce((sum, mark) => sum + (mark.sameness ?? 0), 0) / compared.length;
  const note = row.some((mark) => has(mark, "degraded"))
    ? "; compared by words alone, the embedder was busy"
    : "";
  return {
    kind: "semantic-loop",
    signature: `restated.${String(last.name)}`,
    confidence: Math.min(0.95, 0.5 + mean * 0.45),
    urgency: row.length >= config.restatedHeld ? "after-nudge" : "ladder",
    summary: `${name} was asked for the same thing ${String(row.length)} times in other words.`,
    ruledOut: `not a batch: the requests name the same entities${note}`,
    evidence: row.map((mark) => suspectOf(view, mark)),
    facts: { names: [name], count: row.length },
  };
}
