import { isFailed } from "../../track/gain.ts";
import { has, type ToolMark } from "../../track/run-state.ts";
import { type Detector, nameOf, type RunView, suspectOf, type Suspicion } from "../detector.ts";
import { isBackingOff, isWaiting, isWatching } from "../patience.ts";
import type { Without } from "../strands.ts";
import { type ExactLoopConfig, exactLoopDefaults } from "./config.ts";
import { repeatedMessage } from "./repeated-message.ts";

interface Loop {
  marks: readonly ToolMark[];
  period: number;
  confidence: number;
}

const samePair = (a: ToolMark, b: ToolMark): boolean => a.call === b.call && a.result === b.result;

/** Equal calls within one round are one call that was asked for twice. */
function oncePerRound(tools: readonly ToolMark[]): ToolMark[] {
  return tools.filter((mark, index) => {
    const before = tools.slice(0, index);
    return !before.some((other) => other.round === mark.round && samePair(other, mark));
  });
}

/** What a person asked for anew is no repetition of what came before. */
function sinceAsked(tools: readonly ToolMark[]): readonly ToolMark[] {
  const asked = tools.findLastIndex((mark) => has(mark, "asked"));
  return asked <= 0 ? tools : tools.slice(asked);
}

function isContent(mark: ToolMark): boolean {
  return mark.outcome === "ok" && mark.failure === 0;
}

/** Nothing at all came back, or no more than that the call arrived. */
function isEmptyHanded(mark: ToolMark): boolean {
  return has(mark, "blank") || has(mark, "ack");
}

function neededInRow(view: RunView, mark: ToolMark, config: ExactLoopConfig): number {
  if (isWatching(view, mark)) return Number.POSITIVE_INFINITY;
  if (isWaiting(view, mark)) return config.waitingStreak;
  if (isEmptyHanded(mark)) return config.blankStreak;
  return isContent(mark) ? config.contentStreak : config.streak;
}

/** A call that fails, made again after ever longer pauses. */
const isRetrying = (tools: readonly ToolMark[], marks: readonly ToolMark[]): boolean =>
  marks.every(isFailed) && isBackingOff(tools, marks);

function streakOf(view: RunView, tools: readonly ToolMark[], config: ExactLoopConfig): Loop | null {
  const last = tools.at(-1);
  if (last === undefined) return null;
  const other = tools.findLastIndex((mark) => !samePair(mark, last));
  const marks = tools.slice(other + 1);
  const needed = isRetrying(tools, marks) ? config.backoffStreak : neededInRow(view, last, config);
  return marks.length < needed ? null : { marks, period: 1, confidence: 0.97 };
}

function neededScattered(mark: ToolMark, config: ExactLoopConfig): number {
  if (isEmptyHanded(mark)) return config.scatteredBlank;
  return isContent(mark) ? config.scatteredContent : config.scattered;
}

/** A call that is answered otherwise each time moves something, however little the answer tells. */
function movesOn(tools: readonly ToolMark[], mark: ToolMark): boolean {
  const same = tools.filter(({ call }) => call === mark.call);
  return same.length > 1 && new Set(same.map(({ result }) => result)).size === same.length;
}

/** Calls between the first and the last of `marks` that told, did or moved something. */
function newsBetween(tools: readonly ToolMark[], marks: readonly ToolMark[]): ToolMark[] {
  const first = marks[0]?.sequence ?? 0;
  return tools.filter(
    (mark) =>
      mark.sequence > first &&
      !marks.includes(mark) &&
      (mark.gain >= 0.2 || has(mark, "act") || movesOn(tools, mark)),
  );
}

function scatteredOf(view: RunView, tools: readonly ToolMark[], config: ExactLoopConfig): Loop | null {
  const last = tools.at(-1);
  if (last === undefined || isWaiting(view, last)) return null;
  const marks = tools.slice(-config.within).filter((mark) => samePair(mark, last));
  if (marks.length < neededScattered(last, config) || isRetrying(tools, marks)) return null;
  // What was done in between may have been meant to change the answer: that is a question of progress, not of repetition.
  const news = newsBetween(tools, marks);
  if (news.some((mark) => has(mark, "act")) || news.length >= marks.length - 1) return null;
  const fresh = tools.slice(-5).filter((mark) => !has(mark, "repeat")).length;
  return fresh > config.maxNewInFive ? null : { marks, period: 0, confidence: 0.93 };
}

const fewestDrawn = 3;

/** A call that is answered in one of several ways draws something: dice, a sample, the weather. A cycle is answered alike. */
function isDrawn(tools: readonly ToolMark[]): boolean {
  const answers = new Map<number, Set<number>>();
  for (const { call, result } of tools) answers.set(call, (answers.get(call) ?? new Set()).add(result));
  return [...answers.values()].some((results) => results.size >= fewestDrawn);
}

/** A cycle longer than the window: for very long nothing came back that had not come back before. */
function staleOf(view: RunView, tools: readonly ToolMark[], config: ExactLoopConfig): Loop | null {
  const isLong = view.state.staleCalls >= config.staleCalls && tools.length >= config.staleCalls;
  if (!isLong || tools.some((mark) => isWaiting(view, mark)) || isDrawn(tools)) return null;
  return { marks: tools.slice(-config.staleCalls), period: 0, confidence: 0.85 };
}

/** The same call failing in the same way again and again, whoever asked for it, and never working in between. */
function insistedOf(tools: readonly ToolMark[], config: ExactLoopConfig): Loop | null {
  const last = tools.at(-1);
  if (last === undefined || !isFailed(last)) return null;
  // A call without arguments is a check: its failure may be the answer.
  if (last.words.length + last.entities.length === 0) return null;
  const recent = tools.slice(-config.insistedWithin);
  const worked = recent.findLastIndex((mark) => mark.call === last.call && !isFailed(mark));
  const marks = recent.slice(worked + 1).filter((mark) => samePair(mark, last));
  return marks.length < config.insisted || isBackingOff(tools, marks)
    ? null
    : { marks, period: 0, confidence: 0.9 };
}

function neededLaps(view: RunView, lap: readonly ToolMark[], config: ExactLoopConfig): number {
  if (lap.some((mark) => isWatching(view, mark))) return Number.POSITIVE_INFINITY;
  const laps = lap.length === 2 ? config.shortLaps : config.laps;
  return lap.some((mark) => isWaiting(view, mark))
    ? Math.max(laps, Math.ceil(config.waitingStreak / lap.length))
    : laps;
}

function cycleOf(view: RunView, tools: readonly ToolMark[], config: ExactLoopConfig): Loop | null {
  for (let period = 2; period <= config.maxPeriod; period += 1) {
    const calls = period * neededLaps(view, tools.slice(-period), config);
    if (tools.length < calls) continue;
    const marks = tools.slice(-calls);
    const repeats = marks.slice(period).every((mark, index) => samePair(mark, marks[index] ?? mark));
    const isOneCall = marks.every((mark) => samePair(mark, marks[0] ?? mark));
    if (repeats && !isOneCall) return { marks, period, confidence: 0.95 };
  }
  return null;
}

function summaryOf(view: RunView, loop: Loop): string {
  const names = [...new Set(loop.marks.map((mark) => nameOf(view, mark)))];
  const count = loop.marks.length;
  if (loop.period > 1) {
    const laps = Math.floor(count / loop.period);
    return `${names.join(", ")}: the same ${String(loop.period)} calls came back with the same results ${String(laps)} times round.`;
  }
  return `${names.join(", ")} was called ${String(count)} times with the same arguments and the same result.`;
}

function suspicionOf(view: RunView, loop: Loop): Suspicion {
  const calls = [...new Set(loop.marks.map((mark) => mark.call))].sort((a, b) => a - b);
  return {
    kind: "exact-loop",
    signature: calls.join("."),
    confidence: loop.confidence,
    urgency: "at-once",
    summary: summaryOf(view, loop),
    ruledOut: "not polling: nothing in the results moved; no new information and no new request in between",
    evidence: loop.marks.map((mark) => suspectOf(view, mark)),
    facts: { names: [...new Set(loop.marks.map((mark) => nameOf(view, mark)))], count: loop.marks.length },
  };
}

function loopIn(view: RunView, tools: readonly ToolMark[], config: ExactLoopConfig): Loop | null {
  return (
    streakOf(view, tools, config) ??
    cycleOf(view, tools, config) ??
    scatteredOf(view, tools, config) ??
    staleOf(view, tools, config)
  );
}

function configWithout(config: ExactLoopConfig, without: Without): ExactLoopConfig {
  if (without === "nothing") return config;
  const insisted = config.insisted + 1;
  if (without === "side-tools") return { ...config, insisted };
  return {
    ...config,
    insisted,
    streak: config.streak + 1,
    contentStreak: config.contentStreak + 2,
    blankStreak: config.blankStreak + 1,
    scattered: config.scattered + 1,
    scatteredContent: config.scatteredContent + 1,
    shortLaps: config.shortLaps + 1,
    laps: config.laps + 1,
  };
}

/** The same call with the same masked result, or a cycle of them, and nothing new in between. */
export const exactLoop: Detector<ExactLoopConfig> = {
  kind: "exact-loop",
  version: "1",
  defaults: exactLoopDefaults,
  inspect(view, config) {
    if (view.latest?.kind === "model") return repeatedMessage(view, view.latest.mark, config);
    if (view.latest === null || !has(view.latest.mark, "repeat")) return null;
    const all = oncePerRound(view.tools);
    const tools = sinceAsked(all);
    const loop = loopIn(view, tools, config) ?? insistedOf(all, config);
    return loop === null ? null : suspicionOf(view, loop);
  },
  configWithout,
};
