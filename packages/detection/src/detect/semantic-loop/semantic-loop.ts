import { packedItems } from "../../features/pack.ts";
import { has, type ToolMark } from "../../track/run-state.ts";
import { type Detector, nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import { isWaiting } from "../patience.ts";
import { type SemanticLoopConfig, semanticLoopDefaults } from "./config.ts";
import { emptyPages } from "./empty-pages.ts";
import { restatedRequests } from "./restated.ts";
import { restatedMessages } from "./restated-messages.ts";
import { templateShare } from "./template-share.ts";

/** Calls of the same tool that came back with nothing, since something came back last. */
function fruitlessCalls(tools: readonly ToolMark[], last: ToolMark, within: number): ToolMark[] {
  const recent = tools.slice(-within);
  const fruitful = recent.findLastIndex(
    (mark) => (mark.gain >= 0.2 && mark.failure === 0 && mark.outcome === "ok") || has(mark, "asked"),
  );
  return recent.slice(fruitful + 1).filter((mark) => mark.name === last.name && sameOutcome(mark, last));
}

function sameOutcome(a: ToolMark, b: ToolMark): boolean {
  if (a.outcome === "empty" || b.outcome === "empty") return a.outcome === b.outcome;
  if (a.failure !== 0 || b.failure !== 0) return a.failure === b.failure;
  return a.result === b.result;
}

function hasOthersBetween(tools: readonly ToolMark[], marks: readonly ToolMark[]): boolean {
  const first = marks[0]?.sequence ?? 0;
  return tools.some((mark) => mark.sequence > first && !marks.includes(mark));
}

interface Familiarity {
  /** Mean share of words that were known from earlier calls of the row, or from the goal. */
  known: number;
  /** Share of calls that held no new word at all: in a list of items every call holds one. */
  settled: number;
  /** Share of a call that stands in every call: high for a template that is filled in, low for other words. */
  template: number;
}

/** How much of each call was there before; a new entity makes a call a new item. */
function familiarity(view: RunView, marks: readonly ToolMark[]): Familiarity {
  const known = new Set(packedItems(view.state.goal.words));
  const entities = new Set(packedItems(view.state.goal.entities));
  let sum = 0;
  let settled = 0;
  marks.forEach((mark, index) => {
    const words = packedItems(mark.words);
    const named = packedItems(mark.entities);
    const isNewItem = named.some((entity) => !entities.has(entity));
    const hits = words.filter((word) => known.has(word)).length;
    if (index > 0 && !isNewItem) {
      sum += words.length === 0 ? 1 : hits / words.length;
      settled += hits === words.length ? 1 : 0;
    }
    for (const word of words) known.add(word);
    for (const entity of named) entities.add(entity);
  });
  const later = Math.max(1, marks.length - 1);
  return { known: sum / later, settled: settled / later, template: templateShare(marks) };
}

/** Whether the calls say one thing in other words, rather than naming item after item. */
function isReworded({ known, settled, template }: Familiarity, config: SemanticLoopConfig): boolean {
  if (known < config.knownWords) return false;
  return (
    settled >= config.settledShare || (known >= config.freeKnownWords && template <= config.templateShare)
  );
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

/** Calls in other words that have come back the same way since something last came of them. */
function rewordedCalls(view: RunView, last: ToolMark, config: SemanticLoopConfig): Suspicion | null {
  const marks = fruitlessCalls(view.tools, last, config.within);
  // Notes that are only acknowledged say nothing about the work between them.
  if (has(last, "ack") && hasOthersBetween(view.tools, marks)) return null;
  const rounds = new Set(marks.map((mark) => mark.round)).size;
  const wordings = marks.filter((mark, index) => marks.findIndex(({ call }) => call === mark.call) === index);
  if (rounds < config.calls || wordings.length < config.wordings) return null;
  const familiar = familiarity(view, wordings);
  if (!isReworded(familiar, config)) return null;
  return suspicionOf(view, marks, Math.min(0.95, 0.6 + familiar.known * 0.35));
}

/** Reworded calls with equal outcome, or one request restated whatever comes of it. */
export const semanticLoop: Detector<SemanticLoopConfig> = {
  kind: "semantic-loop",
  version: "2",
  defaults: semanticLoopDefaults,
  inspect(view, config) {
    const restated = restatedRequests(view, config);
    if (restated !== null || view.latest === null) return restated;
    if (view.latest.kind === "model") return restatedMessages(view, view.latest.mark, config);
    const last = view.latest.mark;
    if (last.gain >= 0.2 || isWaiting(view, last)) return null;
    return emptyPages(view, last, config) ?? rewordedCalls(view, last, config);
  },
  configWithout: (config) => config,
};
