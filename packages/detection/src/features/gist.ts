import { denies } from "./denial.ts";
import { hash32 } from "./hash.ts";
import { sketchOf } from "./sketch.ts";
import { isEmptyWord, isSentence, isState, isWording, withoutFrame, wordsIn } from "./wording.ts";
import { type TextTokens, tokensOf } from "./words.ts";

/*
 * Owns: what a result says, apart from how it words it, so that one answer given in ever other words is one answer.
 * Does not own: when two gists are one (track/told-before).
 */
export interface Gist {
  /** What no rewording changes: ids, numbers, names, quotes, states, records and tables. */
  fixed: number;
  /** How it is worded: its function words and words of reporting, in order. */
  form: number;
  /** Content words of its sentences. */
  said: number[];
  /** How many fixed parts it holds beyond what the arguments named; a record or a table counts for two. */
  anchors: number;
  /** It says that something is not there, not so or not possible. */
  denies: boolean;
}

export const gistWords = 16;
const readChars = 6000;
const formChars = 800;
const fewestTableLines = 3;
const fewestTableChars = 20;
const maxAnchors = 9;

/** A text in quotes of three words and more. */
const sentence = /"[^"\\]*\s[^"\\]+\s(?:[^"\\]|\\.)*"/g;
/** Anything but a record or a list that stands for itself. */
const framed = /^(?![{[])|[^}\]]$/;
const record = /\{\s*["'][^]*\}|\[\s*[[{][^]*\]|\{\s*\}/;
const list = /^\[[^[\]]*\]$/;
/** What may stand before a table; the name of its first value is as good as that. */
const announcement = /^\W*\p{L}[\p{L}'’, ]{0,60}(?:[:.]|->)\s+/u;
const valueToken = /[^\s,;:!?()]+/g;
const identifier = /\b[\p{L}\p{N}]+(?:_[\p{L}\p{N}]+)+\b|\b\p{Ll}+\p{Lu}\p{L}*\b/gu;
const quoted = /(?<![\p{L}\p{N}])(["'`])(\S(?:[^"'`\n]{0,58}\S)?)\1(?![\p{L}\p{N}])/gu;
const state =
  /\b(?:(?:is|are|was|were|be|now|set|still|currently|status|state)(?: (?:now|set))?:? (on|off|up|down|in|out)|(?:turned|switched) (on|off))\b|\b(true|false)\b/gi;

interface Parts {
  /** Compared to the letter. */
  letters: string;
  /** Compared by what it says. */
  prose: string;
}

/** A record or list, whatever stands around it; of its values only sentences can be worded otherwise. */
function recordParts(text: string): Parts | null {
  const found = record.exec(text) ?? list.exec(text);
  if (found === null) return null;
  const [block] = found;
  const sentences: string[] = [];
  const letters = block.replaceAll(sentence, (told) => {
    sentences.push(told);
    return '""';
  });
  const around = `${text.slice(0, found.index)} ${text.slice(found.index + block.length)}`;
  return { letters, prose: `${around}\n${sentences.join("\n")}` };
}

/** Output that is no sentence: a table line by line, or a row of values without words that only announce them. */
function valueParts(text: string): Parts | null {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const sentences = lines.filter(isSentence).length;
  if (lines.length >= fewestTableLines)
    return 2 * sentences > lines.length ? null : { letters: text.replace(announcement, ""), prose: "" };
  if (sentences > 0) return null;
  const values = text.toLowerCase().match(valueToken) ?? [];
  return { letters: values.filter((one) => !isEmptyWord(one) || isState(one)).join(" "), prose: "" };
}

/** A failure told in a few words: `too many open requests` is no row of values. */
const isBrief = (text: string): boolean =>
  !/\d/.test(text) && !text.includes("\n") && wordsIn(text).length <= gistWords;

function partsOf(text: string, failed: boolean): Parts {
  const sentences = { letters: "", prose: text };
  if (failed && isBrief(text)) return sentences;
  return recordParts(text) ?? valueParts(text) ?? sentences;
}

/** Numbers that are as often written as words; one is as often none. */
const numberWords: ReadonlyMap<string, string> = new Map(
  "two three four five six seven eight nine ten eleven twelve"
    .split(" ")
    .map((one, index) => [one, String(index + 2)]),
);
const numberWord = new RegExp(String.raw`\b(?:${[...numberWords.keys()].join("|")})\b`, "gi");

/** A text with its small numbers in digits. */
const inDigits = (text: string): string =>
  text.replaceAll(numberWord, (found) => numberWords.get(found.toLowerCase()) ?? found);

/** Ids, numbers, names and states of a text. */
function anchorsOf(prose: string, entities: readonly string[]): string[] {
  const names = [
    ...(prose.match(identifier) ?? []),
    ...Array.from(prose.matchAll(quoted), ([, , name]) => name ?? ""),
    ...Array.from(prose.matchAll(state), ([, ...told]) => told.find((one) => one !== undefined) ?? ""),
  ];
  return [...entities, ...names.map((name) => name.toLowerCase())];
}

/** A result to read, masked and with its lines kept. */
export interface ToldResult {
  text: string;
  /** Words and entities of the text. */
  tokens: TextTokens;
  /** Words and entities of the arguments. */
  echoed: ReadonlySet<string>;
  /** Its class alone says that it denies. */
  failed: boolean;
}

/** The gist of a result. */
export function gistOf({ text, tokens, echoed, failed }: ToldResult, seed: number): Gist {
  const parts = partsOf(framed.test(text) ? withoutFrame(text.slice(0, readChars)) : text, failed);
  const { letters, prose } = { ...parts, prose: inDigits(parts.prose) };
  const { stems, entities } = prose === text ? tokens : tokensOf(prose);
  const anchors = anchorsOf(prose, entities).filter((one) => one !== "1" && !echoed.has(one));
  const told = stems.filter((one) => !isWording(one) && !echoed.has(one));
  const fixed = `${letters.replaceAll(/\s+/g, " ")}\n${anchors.sort().join(" ")}`;
  return {
    fixed: hash32(fixed, seed),
    form: hash32(wordsIn(prose.slice(0, formChars)).filter(isEmptyWord).join(" "), seed),
    said: sketchOf(told, gistWords, seed),
    anchors: Math.min(maxAnchors, new Set(anchors).size + (letters.length > fewestTableChars ? 2 : 0)),
    denies: failed || denies(prose),
  };
}
