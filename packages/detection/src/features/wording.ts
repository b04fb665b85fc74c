import { denies } from "./denial.ts";
import { isFunctionWord, stem } from "./words.ts";

/** Words with which a result reports, whatever it reports on: they carry its sentence, not what it says. */
const reporting = (
  "able above absent accomplish accordingly account achieve acknowledge act action actual admit advise afterward " +
  "afterwards again ahead alas alert alike allow almost also answer anyhow anything anyway api apology apparent " +
  "appear argue ascertain aside ask assess assist assistant assure attain attempt attention available aware back " +
  "backend begin below beneath body bother brief bring call careful certain certainly check circumstance clear come " +
  "comment complete comply concern conclude confirm consider console contain content continue convey correctly " +
  "currently debug decline defect deficient deliver deny describe detail details detect determine direct disclose " +
  "discover discovery dispatch display do done echo effect effort else emit empty enclosed encounter end enquiry " +
  "ensure entire entry erroneous error essential evaluate everything evident exactly examine execute exhibit exist " +
  "expect explain express fail failure fault fetch finally find finish follow following for fortunate forward found " +
  "full fully furnish further gather generate get give given glad glance glitch go gone good got hand handle " +
  "handler happen happy help hence here hereby hit hitch hold hope however identify impossible impression incorrect " +
  "indeed indicate indication info inform information inquiry inspect instead insufficient intend interface invalid " +
  "invocation invoke issue kind kindly know known lack last learn least let like likely likewise list locate log " +
  "logger look lookup luck made make manage many match meet mention message met miss missing mistake moment " +
  "moreover namely near nearly necessary need neither never nevertheless new next nobody none nor note nothing " +
  "notice notify now nowhere observation observe obtain obvious occur offer ok okay one oops operation otherwise " +
  "outcome output overall part payload perceive perform perhaps pinpoint pity place please pleased point possible " +
  "post precise presence present presume print probable problem procedure proceed process produce prompt proper " +
  "prove provide purpose put query question quick quite ran rather reach react read readily really reason receive " +
  "recommend record refuse regard regret reject remain remark render reply report request require respond response " +
  "restart result retrieve retry return reveal right run said same say scan search see seek seem seen send sense " +
  "sent serve server service several show sight sign signal similar simple simply sincerely single slip snag " +
  "somehow something somewhere soon sorry sort sought specific specify spot start state statement stdout still stop " +
  "subsequent succeed success successful such suffice suggest summary supply support sure surface suspect system " +
  "take tell terminal text thank therefore thing though thus time told took tool trace transmit trouble try turn " +
  "twice type typical ultimate unable unavailable understand unexpected unfortunate unfortunately unknown " +
  "unsuccessful unsupported unusual upon use utter vain valid verdict verify via view wait want warn was way well " +
  "went whatever whether whole wish without wonder word work worked would write wrong yet yield zero"
).split(" ");

/** What stands before the apostrophe of a contracted denial. */
const contracted = "aren couldn didn doesn don hadn hasn haven isn mustn shouldn wasn weren won wouldn".split(
  " ",
);

const known: ReadonlySet<string> = new Set([...reporting.map(stem), ...contracted]);
const stateWords: ReadonlySet<string> = new Set("on off up down in out true false".split(" "));
const word = /[\p{L}\p{N}]+(?:['’]\p{L}+)?/gu;
const contraction = /n['’]t$/;

/** Whether a stem only words a report. */
export const isWording = (stemmed: string): boolean => known.has(stemmed);

/** Words that tell a state where they stand alone, and hardly anything in a sentence. */
export const isState = (one: string): boolean => stateWords.has(one);

const isFunction = (one: string): boolean => isFunctionWord(one) || contraction.test(one);

const emptyWords = new Map<string, boolean>();
const maxEmptyWords = 20_000;

/** Whether a word in small letters says nothing by itself. */
export function isEmptyWord(one: string): boolean {
  const before = emptyWords.get(one);
  if (before !== undefined) return before;
  const isEmpty = isFunction(one) || isWording(stem(one));
  if (emptyWords.size >= maxEmptyWords) emptyWords.clear();
  emptyWords.set(one, isEmpty);
  return isEmpty;
}

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
  if (denies(text)) return false;
  const words = wordsIn(text);
  const mayBeState = words.length < fewestAnnouncing;
  return words.length > 0 && words.every((one) => isEmptyWord(one) && !(mayBeState && isState(one)));
}

/** Words by which a sentence speaks of the telling rather than of what is told. */
const tellingWords: ReadonlySet<string> = new Set(
  "i i've i'm we we've my our me us you your this these here following below what".split(" "),
);
const maxRemarkWords = 8;
const endsRemark = /[:>]\s+$/;

/** Words before a colon or an arrow that speak of the telling: `this is what I got back:`. */
function isRemark(text: string, before: string): boolean {
  if (!endsRemark.test(before) || /\d/.test(text)) return false;
  const words = wordsIn(text);
  return words.length <= maxRemarkWords && words.some((one) => tellingWords.has(one));
}

/** A text without mark-up, and without words before and after it that only announce it. */
export function withoutFrame(framed: string): string {
  const text = framed.replaceAll(markup, " ");
  const before = opening.exec(text);
  const isFramed =
    before !== null && (onlyAnnounces(before[1] ?? "") || isRemark(before[1] ?? "", before[0]));
  const rest = isFramed ? text.slice(before[0].length) : text;
  const tail = rest.slice(-closingChars);
  const after = Array.from(tail.matchAll(closing), ({ index }) => index).find((at) =>
    onlyAnnounces(tail.slice(at)),
  );
  return (after === undefined ? rest : rest.slice(0, rest.length - tail.length + after)).trim();
}
