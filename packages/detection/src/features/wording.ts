import { isFunctionWord, stem } from "./words.ts";

/** Words with which a result reports, whatever it reports on: they carry its sentence, not what it says. */
const reporting = (
  "above accomplish accordingly account achieve acknowledge act action advise afterwards again alert allow also " +
  "answer anything anyway api apology apparent appear ask assist assistant assure attain attempt attention " +
  "available aware back backend begin below beneath body brief bring call certain check come comment complete " +
  "comply conclude confirm consider console contain content continue convey debug deliver describe detail details " +
  "determine discover dispatch display do done echo effect emit else empty enclosed encounter end enquiry entry error " +
  "evaluate everything exactly execute exist expect explain fail failure fault fetch finally find finish follow " +
  "following for forward found full gather generate get give given go gone good got hand handle handler happen " +
  "help here hold however impossible incorrect indeed indicate info inform information inquiry inspect instead " +
  "interface invalid invocation invoke issue kind kindly know known lack last learn least let like list locate log " +
  "logger look luck made make manage many match meet mention message met miss missing moment near necessary need " +
  "never new next nobody none note nothing notice now observation observe obtain occur offer ok okay one operation " +
  "outcome output part payload perform place please point possible post present print problem procedure proceed " +
  "process produce provide purpose query quite ran reach react read really reason receive record regard reply " +
  "report request require respond response result retrieve retry return reveal run said same say see seem seen " +
  "send sense sent serve server service several show signal similar simple simply sincerely single something " +
  "somewhere sorry sort specific specify start state statement stdout still stop succeed success successful such " +
  "suggest summary supply support sure system take tell terminal text thank thing though time told took tool trace " +
  "transmit trouble try turn type unable unavailable understand unexpected unfortunate unfortunately unknown " +
  "unsuccessful use utter valid via view wait want warn was way well went whatever whether whole wish without work " +
  "worked would write wrong yet yield"
).split(" ");

const known: ReadonlySet<string> = new Set(reporting.map(stem));
const stateWords: ReadonlySet<string> = new Set("on off up down in out true false".split(" "));
const word = /[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu;
const contraction = /n['’]t$/;

/** Whether a stem only words a report. */
export const isWording = (stemmed: string): boolean => known.has(stemmed);

/** Words that tell a state where they stand alone, and hardly anything in a sentence. */
export const isState = (one: string): boolean => stateWords.has(one);

const isFunction = (one: string): boolean => isFunctionWord(one) || contraction.test(one);

/** Whether a word in small letters says nothing by itself. */
export const isEmptyWord = (one: string): boolean => isFunction(one) || isWording(stem(one));

/** All words of a text in small letters, in order. */
export const wordsIn = (text: string): string[] => text.toLowerCase().match(word) ?? [];

/** Whether words make a sentence, rather than a row of names and values. */
export const isSentence = (line: string): boolean =>
  wordsIn(line).some((one) => isFunction(one) && !isState(one));

const markup = /<\/?[a-z][\w-]*>|\*\*|^-{3,}$/gim;
const opening = /^\W*(\p{L}[^:.\n]{0,60}?)(?:[:.>\]]\s+|\n)/u;
const closing = /\s+(?=[\p{Lu}(-])/gu;
const closingChars = 60;

const fewestAnnouncing = 3;

function onlyAnnounces(text: string): boolean {
  const words = wordsIn(text);
  const mayBeState = words.length < fewestAnnouncing;
  return words.length > 0 && words.every((one) => isEmptyWord(one) && !(mayBeState && isState(one)));
}

/** A text without mark-up, and without words before and after it that only announce it. */
export function withoutFrame(framed: string): string {
  const text = framed.replaceAll(markup, " ");
  const before = opening.exec(text);
  const rest = before !== null && onlyAnnounces(before[1] ?? "") ? text.slice(before[0].length) : text;
  const tail = rest.slice(-closingChars);
  const after = Array.from(tail.matchAll(closing), ({ index }) => index).find((at) =>
    onlyAnnounces(tail.slice(at)),
  );
  return (after === undefined ? rest : rest.slice(0, rest.length - tail.length + after)).trim();
}
