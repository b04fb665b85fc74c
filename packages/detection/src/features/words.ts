/** Function words of English; they carry no topic. */
const stopWords = new Set(
  (
    "a an the and or but if then else of in on at by for to from with without into onto about as is are was were be been being am do does did " +
    "doing done have has had having will would shall should can could may might must not no nor so than too very just also only it its this that these those " +
    "there here he she they them his her their we us our you your i me my mine what which who whom whose when where why how all any both each few more most " +
    "other some such own same s t d ll ve re m please let lets now again still yet up down out off over under once per via"
  ).split(" "),
);

export const isFunctionWord = (word: string): boolean => stopWords.has(word);

const wordPattern = /[\p{L}\p{N}]+(?:[._/@:#-][\p{L}\p{N}]+)*/gu;
/** The same where it suffices; classes of all scripts are slow to match. */
const asciiWordPattern = /[A-Za-z0-9]+(?:[._/@:#-][A-Za-z0-9]+)*/g;
// oxlint-disable-next-line no-control-regex -- ASCII is what it asks for
const isAscii = /^[\u0000-\u007f]*$/;
const hasInnerCapital = /[a-z][A-Z]/;
const camelBoundary = /(?<=[a-z])(?=[A-Z])/;

const endings = [
  "ization",
  "ations",
  "ation",
  "ments",
  "ment",
  "ings",
  "ing",
  "edly",
  "ies",
  "ied",
  "ers",
  "est",
  "ed",
  "es",
  "ly",
  "er",
  "s",
  "e",
];

function cutEnding(word: string): string {
  if (word.length <= 3) return word;
  let root = word;
  for (const ending of endings) {
    if (root.endsWith(ending) && root.length - ending.length >= 3) {
      root = root.slice(0, -ending.length);
      if (ending === "ies" || ending === "ied") root += "y";
      break;
    }
  }
  const doubled = root.length > 3 && root.at(-1) === root.at(-2);
  return doubled && !/[lsz]$/.test(root) ? root.slice(0, -1) : root;
}

const knownStems = new Map<string, string>();
const maxKnownStems = 20_000;

/** Cuts the common endings of English, so that "refunds", "refunded" and "refunding" meet. */
export function stem(word: string): string {
  const known = knownStems.get(word);
  if (known !== undefined) return known;
  if (knownStems.size >= maxKnownStems) knownStems.clear();
  const root = cutEnding(word);
  knownStems.set(word, root);
  return root;
}

export interface TextTokens {
  /** Stems of content words, in order. */
  stems: string[];
  /** Ids, numbers, paths, addresses: what tells one item from the next. */
  entities: string[];
}

const maxTokens = 4000;
const hasDigit = /\d/;

/** Scripts that write words without spaces between. */
const unspaced = /[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]/;

/** Neighbouring signs in the place of words. */
function addPairs(part: string, stems: string[]): void {
  for (let index = 0; index + 1 < part.length; index += 1) stems.push(part.slice(index, index + 2));
}

/** Words of a part of a token. */
function addWord(part: string, stems: string[]): void {
  if (unspaced.test(part)) {
    addPairs(part, stems);
    return;
  }
  const pieces = hasInnerCapital.test(part) ? part.split(camelBoundary) : [part];
  for (const piece of pieces) {
    const lower = piece.toLowerCase();
    if (lower.length > 1 && !stopWords.has(lower)) stems.push(stem(lower));
  }
}

interface ReadToken {
  stems: readonly string[];
  entity: string | null;
}

function readToken(token: string): ReadToken {
  const stems: string[] = [];
  if (/[/@:.#]/.test(token) && !/^\w+\.?$/.test(token)) {
    for (const part of token.split(/[^\p{L}]+/u)) addWord(part, stems);
    return { stems, entity: token.toLowerCase() };
  }
  if (/[-_.]/.test(token)) for (const part of token.split(/[-_.]/)) addWord(part, stems);
  else addWord(token, stems);
  return { stems, entity: null };
}

const knownTokens = new Map<string, ReadToken>();
const maxKnownTokens = 20_000;
const longestKnownChars = 40;

/** What a token without a digit holds; texts are made of few different ones. */
function tokenOf(token: string): ReadToken {
  const known = knownTokens.get(token);
  if (known !== undefined) return known;
  const read = readToken(token);
  if (token.length > longestKnownChars) return read;
  if (knownTokens.size >= maxKnownTokens) knownTokens.clear();
  knownTokens.set(token, read);
  return read;
}

/** Words and entities of a text. A token with a digit, a path or an address is an entity; all others are words. */
export function tokensOf(text: string): TextTokens {
  const stems: string[] = [];
  const entities: string[] = [];
  const tokens = text.match(isAscii.test(text) ? asciiWordPattern : wordPattern) ?? [];
  if (tokens.length > maxTokens) tokens.length = maxTokens;
  for (const token of tokens) {
    if (hasDigit.test(token)) {
      entities.push(token.toLowerCase());
      continue;
    }
    const read = tokenOf(token);
    if (read.entity !== null) entities.push(read.entity);
    for (const stemmed of read.stems) stems.push(stemmed);
  }
  return { stems, entities };
}
