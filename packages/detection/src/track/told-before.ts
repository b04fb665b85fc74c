import type { ToolFeatures } from "../features/step-features.ts";
import { isFailed } from "./gain.ts";
import { fixedIn, formIn, packGist, saidIn } from "./packed-gist.ts";
import { has, type ToolMark } from "./run-state.ts";

/*
 * Owns: whether a result only says in other words what an earlier one of the same tool said. Ids, numbers and names have
 * to be the same; wording does not count; of content words a share may be new, the larger the more else speaks for it.
 * Does not own: what follows from a result that was told before (gain, detectors).
 */

/** Share of content words that may be new. */
const newShare = {
  /** The same call. */
  again: 0.34,
  /** The same call, and its result names things that earlier ones named too. */
  anchored: 0.6,
  failed: 0.5,
  failedAnchored: 0.8,
  /** Another call of the tool. */
  elsewhere: 0.2,
  failedElsewhere: 0.5,
} as const;
/** New content words that a failure of the same call may hold however short it is. */
const fewWords = 2;
/** New content words that a denial may hold when the same call is made yet another time at once. */
const insisted = { words: 3, calls: 2 } as const;

interface Told {
  features: ToolFeatures;
  gist: string;
  words: readonly string[];
  anchors: number;
}

function newAmong(words: readonly string[], earlier: readonly ToolMark[]): number {
  const known = new Set(earlier.flatMap((mark) => saidIn(mark.gist)));
  return words.filter((word) => !known.has(word)).length;
}

/** Words that results of other calls hold too: what all results of a run are worded with. */
function newBeyondWont(
  { words, features }: Told,
  earlier: readonly ToolMark[],
  tools: readonly ToolMark[],
): number {
  const others = tools.filter((mark) => mark.call !== features.call);
  return newAmong(words, [...earlier, ...others]);
}

/** The same sentence with something else in it, rather than the same thing in another sentence. */
function isFilledInAnew({ gist }: Told, earlier: readonly ToolMark[]): boolean {
  const alike = earlier.filter((mark) => formIn(mark.gist) === formIn(gist)).length;
  return 2 * alike >= earlier.length;
}

/** What happened since a call was made before. */
type Meanwhile = "nothing" | "news" | "acts";

function meanwhile(tools: readonly ToolMark[], call: number): Meanwhile {
  const since = tools.slice(tools.findLastIndex((mark) => mark.call === call) + 1);
  if (since.some((mark) => has(mark, "act"))) return "acts";
  return since.some((mark) => mark.gain >= 0.2) ? "news" : "nothing";
}

function shareAllowed({ features, anchors }: Told): number {
  if (isFailed(features)) return anchors > 0 ? newShare.failedAnchored : newShare.failed;
  return anchors > 1 ? newShare.anchored : newShare.again;
}

function isDenialAgain({ features, words }: Told, earlier: readonly ToolMark[]): boolean {
  const denials =
    earlier.filter((mark) => has(mark, "denies")).length + (features.gist?.denies === true ? 1 : 0);
  const isDenied = 2 * denials > earlier.length;
  return isDenied && earlier.length >= insisted.calls && newAmong(words, earlier) <= insisted.words;
}

/** Where nothing was done, a failure can be no other than the last one. */
function isFailureAgain(told: Told, earlier: readonly ToolMark[], happened: Meanwhile): boolean {
  if (!isFailed(told.features) || happened === "acts") return false;
  return happened === "nothing" || !isFilledInAnew(told, earlier);
}

function isAnswerAgain(told: Told, earlier: readonly ToolMark[], tools: readonly ToolMark[]): boolean {
  const isSameMood = earlier.some((mark) => has(mark, "denies") === told.features.gist?.denies);
  if (isSameMood && newAmong(told.words, earlier) === 0) return true;
  if ((!isSameMood && told.anchors <= 1) || isFilledInAnew(told, earlier)) return false;
  const allowed = Math.max(shareAllowed(told) * told.words.length, isFailed(told.features) ? fewWords : 0);
  return newBeyondWont(told, earlier, tools) <= allowed;
}

/** Whether the same call got the same answer again. */
function repeats(told: Told, earlier: readonly ToolMark[], tools: readonly ToolMark[]): boolean {
  const happened = meanwhile(tools, told.features.call);
  if (isFailureAgain(told, earlier, happened) || isAnswerAgain(told, earlier, tools)) return true;
  return happened === "nothing" && !isFilledInAnew(told, earlier) && isDenialAgain(told, earlier);
}

/** Whether another call of the tool got the same answer. */
function repeatsElsewhere(told: Told, earlier: readonly ToolMark[]): boolean {
  const fresh = newAmong(told.words, earlier);
  if (fresh === 0) return true;
  const isAnchored = isFailed(told.features) && told.anchors > 0;
  const allowed = isAnchored ? newShare.failedElsewhere : newShare.elsewhere;
  return fresh <= allowed * told.words.length && !isFilledInAnew(told, earlier);
}

/** The earlier call whose result shares most words; the latest of several. */
function closest(words: readonly string[], earlier: readonly ToolMark[]): ToolMark | undefined {
  const fresh = earlier.map((mark) => newAmong(words, [mark]));
  return earlier[fresh.lastIndexOf(Math.min(...fresh))];
}

/** The earlier call whose answer a result only words anew. */
function answeredBefore(tools: readonly ToolMark[], told: Told, name: number): ToolMark | undefined {
  const { features, gist, words } = told;
  const alike = tools.filter(
    (mark) =>
      mark.name === name &&
      fixedIn(mark.gist) === fixedIn(gist) &&
      (mark.outcome === "error") === (features.outcome === "error") &&
      has(mark, "waiting") === features.waiting,
  );
  const again = alike.filter((mark) => mark.call === features.call);
  if (again.length > 0 && repeats(told, again, tools)) return closest(words, again);
  const moodAlike = alike.filter((mark) => has(mark, "denies") === features.gist?.denies);
  return moodAlike.length > 0 && repeatsElsewhere(told, moodAlike) ? closest(words, moodAlike) : undefined;
}

/**
 * Features of a call, its result taken for an earlier one of the same tool where it only words that anew: then it tells
 * nothing new, and failed as that one did.
 * @param name index of the tool's name
 */
export function asToldBefore(tools: readonly ToolMark[], features: ToolFeatures, name: number): ToolFeatures {
  if (features.gist === null) return features;
  if (tools.some((mark) => mark.call === features.call && mark.result === features.result)) return features;
  const gist = packGist(features.gist);
  const told = { features, gist, words: saidIn(gist), anchors: features.gist.anchors };
  const before = answeredBefore(tools, told, name);
  if (before === undefined) return features;
  const failure = features.failure === null || before.failure === 0 ? features.failure : before.failure;
  return { ...features, result: before.result, failure, content: [] };
}
