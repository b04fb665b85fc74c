const codeMark = /[{}();=<>|`$\\]|^\s*(?:import|from|def|select|#)\b/im;
const link = /https?:\S+/g;
const functionWord =
  /\b(?:the|a|an|of|to|and|in|on|for|with|that|this|is|are|was|at|by|from|it|as|what|which|how|please|if|where|any)\b/gi;
const readChars = 1200;
const minimumWords = { query: 3, prose: 8 } as const;
const functionWordShare = 0.15;
const maxValues = 3;

/** `prose` asks in sentences, as one asks another agent; `query` in words, as one asks a search. */
export type RequestKind = "query" | "prose";

interface SpokenRequest {
  kind: RequestKind;
  text: string;
}

const longestOf = (values: readonly string[]): string =>
  values.reduce((longest, value) => (value.length > longest.length ? value : longest), "");

function kindOf(read: string): RequestKind | null {
  const words = read.match(/\p{L}{2,}/gu)?.length ?? 0;
  if (words < minimumWords.query || codeMark.test(read)) return null;
  const functionWords = read.match(functionWord)?.length ?? 0;
  return words >= minimumWords.prose && functionWords / words >= functionWordShare ? "prose" : "query";
}

/** What a call asks for in words; null for a command, a query language, code, or a form with many fields. */
export function requestIn(values: readonly string[]): SpokenRequest | null {
  if (values.length > maxValues) return null;
  const text = longestOf(values);
  const kind = kindOf(text.slice(0, readChars).replaceAll(link, "link"));
  return kind === null ? null : { kind, text };
}

export const requestKindIn = (values: readonly string[]): RequestKind | null =>
  requestIn(values)?.kind ?? null;
