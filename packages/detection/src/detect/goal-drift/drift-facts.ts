import type { RunState, ToolMark } from "../../track/run-state.ts";
import { type Link, sumOf } from "../../track/topic.ts";

/** What speaks for drift at one moment, each as one number; the detector adds them up with weights. */
export interface DriftFacts {
  /** Words of the last acts that the run knew for some time, and that it did not; logarithms of weights. */
  knownWords: number;
  newWords: number;
  /** Entities that it knew for some time. */
  knownEntities: number;
  /** Log odds of a word being known: before the last acts, in them, and in the latest of them. */
  usual: number;
  recent: number;
  latest: number;
  /** How much the run has done until now: early on much is new in any run. */
  acts: number;
  /** Share of unknown words where the last calls are all of tools that the run had not used before; else 0. */
  elsewhere: number;
}

const latestActs = 3;
const minimumActs = 8;
const settledActs = 20;
const newTools = 3;
const prior = { usual: 3, window: 8 } as const;

const logOdds = (share: number): number => Math.log((share + 0.03) / (1.03 - share));

/** Share of known words in the run until the window, drawn to one half while there are few. */
function usualShare(before: Link): number {
  return (before.old + prior.usual) / (before.all + 2 * prior.usual);
}

/** Share of known words in a window, drawn to the run's usual one while there are few. */
function shareIn(window: Link, usual: number): number {
  return (window.old + prior.window * usual) / (window.all + prior.window);
}

/** The last calls are all of tools that the run had not used before. */
function isElsewhere(tools: readonly ToolMark[]): boolean {
  const last = tools.slice(-newTools);
  const before = new Set(tools.slice(0, -newTools).map((mark) => mark.name));
  return before.size > 0 && last.length === newTools && last.every((mark) => !before.has(mark.name));
}

/** What a run's last acts say about drift; null while it has done too little to tell. */
export function driftFactsOf({ topic, tools }: Pick<RunState, "topic" | "tools">): DriftFacts | null {
  if (topic.acts < minimumActs) return null;
  const window = sumOf(topic.links);
  const usual = usualShare(topic.before);
  const recent = shareIn(window, usual);
  return {
    knownWords: Math.log1p(window.old),
    newWords: Math.log1p(window.all - window.old),
    knownEntities: Math.log1p(window.oldEntities),
    usual: logOdds(usual),
    recent: logOdds(recent),
    latest: logOdds(shareIn(sumOf(topic.links.slice(-latestActs)), usual)),
    acts: Math.log(Math.min(topic.acts, settledActs)),
    elsewhere: isElsewhere(tools) ? 1 - recent : 0,
  };
}
