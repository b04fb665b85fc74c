import type { RunRecord, RunRecordStep } from "@plumbline/detection";
import type { Phrasebook } from "./phrasebooks.ts";

/** Numbers from 0 up to 1 that look arbitrary and are the same for the same seed. */
type Draw = () => number;

function drawFrom(seed: number): Draw {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function seedOf(text: string): number {
  let seed = 17;
  for (const char of text) seed = (Math.imul(seed, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return seed;
}

const oneOf = (items: readonly string[], draw: Draw): string =>
  items[Math.floor(draw() * items.length)] ?? "";

const share = { replaced: 0.8, opened: 0.6, closed: 0.3, turned: 0.5 } as const;

/** Quoted parts, and tokens that hold a digit or are a path, an address or an identifier: nobody rewords those. */
const fixedPart = /(`[^`]*`|"[^"]*"|'[^']*'|\S*[\d/_@\\=<>{}[\]|]\S*|\S+\.\S+)/;

const likeFirst = (text: string, before: string): string =>
  /^\p{Lu}/u.test(before) ? text.charAt(0).toUpperCase() + text.slice(1) : text;

/** Replaces words and phrases, each time drawn anew. */
function otherWords({ instead }: Phrasebook, draw: Draw): (text: string) => string {
  const phrases = Object.keys(instead).sort((a, b) => b.length - a.length);
  const pattern = new RegExp(String.raw`\b(?:${phrases.join("|")})\b`, "gi");
  const inWords = (text: string): string =>
    text.replaceAll(pattern, (found) =>
      draw() < share.replaced
        ? likeFirst(oneOf(instead[found.toLowerCase()] ?? [found], draw), found)
        : found,
    );
  return (text) =>
    text
      .split(fixedPart)
      .map((part, index) => (index % 2 === 1 ? part : inWords(part)))
      .join("");
}

/** Sentences in another order; or, of one sentence, what stands before a colon or comma behind the rest. */
function turned(line: string, draw: Draw): string {
  const sentences = line.split(/(?<=[.!?])\s+(?=\p{Lu})/u);
  if (draw() >= share.turned) return line;
  if (sentences.length > 1) {
    const first = Math.floor(draw() * sentences.length);
    return [...sentences.slice(first), ...sentences.slice(0, first)].join(" ");
  }
  const [, head, tail] = /^(\p{L}[\p{L} ]+)[:,] (\p{L}.+?)[.]?$/u.exec(line) ?? [];
  return head === undefined || tail === undefined ? line : `${tail} (${head})`;
}

const isProse = (text: string): boolean => (text.match(/\p{L}{2,}/gu)?.length ?? 0) >= 2;

function rewordedText(text: string, book: Phrasebook, draw: Draw): string {
  if (!isProse(text)) return text;
  const inOtherWords = otherWords(book, draw);
  const lines = text.split("\n");
  const said = lines.map((line) => turned(inOtherWords(line), draw)).join("\n");
  const opening = draw() < share.opened ? oneOf(book.openings, draw) : "";
  const closing = draw() < share.closed ? oneOf(book.closings, draw) : "";
  return `${opening}${said}${closing}`;
}

function rewordedValue(value: unknown, book: Phrasebook, draw: Draw): unknown {
  if (typeof value === "string") return /\s\S+\s/.test(value) ? rewordedText(value, book, draw) : value;
  if (Array.isArray(value)) return value.map((item) => rewordedValue(item, book, draw));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, rewordedValue(inner, book, draw)]),
  );
}

/** A result in other words. Of a record in JSON only its sentences are reworded. */
function rewordedResult(text: string, book: Phrasebook, draw: Draw): string {
  if (!/^\s*[[{]/.test(text)) return rewordedText(text, book, draw);
  try {
    return JSON.stringify(rewordedValue(JSON.parse(text), book, draw));
  } catch {
    return rewordedText(text, book, draw);
  }
}

/** The run with each result in other words, drawn anew for every call; entities, numbers and quotes stay. */
export function eachResultReworded(book: Phrasebook, seed: number): (record: RunRecord) => RunRecord {
  return (record) => {
    const reworded = (step: RunRecordStep): RunRecordStep => {
      if (step.role !== "tool" || step.text === null) return step;
      const draw = drawFrom(seedOf(`${String(seed)} ${record.run_id} ${String(step.i)}`));
      return { ...step, text: rewordedResult(step.text, book, draw) };
    };
    return { ...record, steps: record.steps.map(reworded) };
  };
}
