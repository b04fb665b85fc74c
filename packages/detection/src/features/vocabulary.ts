import { type Message, type ModelCall, textOf, type ToolCall } from "@plumbline/contracts";
import { topicWeight } from "./everyday-words.ts";
import { hash32 } from "./hash.ts";
import { mentionedIds } from "./record-ids.ts";
import { type TextTokens, tokensOf } from "./words.ts";

const readChars = { heard: 6000, ids: 24_000 } as const;
const maxActWords = 40;
const maxActEntities = 20;
const maxMaterialWords = 80;
const maxMaterialEntities = 80;

/** A word and how much it tells of what is worked on, 0…1. */
export interface WeighedWord {
  hash: number;
  weight: number;
}

export interface Vocabulary {
  /** What the agent did or said; null when the step did nothing and said nothing. */
  act: { words: WeighedWord[]; entities: number[] } | null;
  /** Words and entities that came in from outside: results, people, instructions. */
  material: number[];
  /** Record ids that came in from outside. */
  ids: number[];
}

/** Hashes of the distinct ones among the first items. */
function firstHashes(items: readonly string[], count: number, seed: number): number[] {
  const hashes = new Set<number>();
  for (const item of items) {
    if (hashes.size >= count) break;
    hashes.add(hash32(item, seed));
  }
  return [...hashes];
}

function weighedWords(stems: readonly string[], seed: number): WeighedWord[] {
  return [...new Set(stems.slice(0, maxActWords))].map((word) => ({
    hash: hash32(word, seed),
    weight: topicWeight(word),
  }));
}

function actOf(tokens: TextTokens, seed: number): NonNullable<Vocabulary["act"]> {
  return {
    words: weighedWords(tokens.stems, seed),
    entities: firstHashes(tokens.entities, maxActEntities, seed),
  };
}

function materialOf(tokens: TextTokens, seed: number): number[] {
  return [
    ...firstHashes(tokens.stems, maxMaterialWords, seed),
    ...firstHashes(tokens.entities, maxMaterialEntities, seed),
  ];
}

/** Words, entities and ids of a text that came in from outside. */
export function heardVocabulary(text: string, seed: number): Pick<Vocabulary, "material" | "ids"> {
  if (text === "") return { material: [], ids: [] };
  return {
    material: materialOf(tokensOf(text.slice(0, readChars.heard)), seed),
    ids: mentionedIds(text.slice(0, readChars.ids), seed),
  };
}

const isFromOutside = (message: Message): boolean => message.role !== "assistant" && message.role !== "tool";

/** Vocabulary of a tool call from the tokens of what it asked for and of what came back. */
export function toolVocabulary(
  tokens: { asked: TextTokens; told: TextTokens },
  call: ToolCall,
  seed: number,
): Vocabulary {
  return {
    act: actOf(tokens.asked, seed),
    material: materialOf(tokens.told, seed),
    ids: mentionedIds((call.result ?? "").slice(0, readChars.ids), seed),
  };
}

/** Vocabulary of a model call: what it said, and what people and instructions told it. */
export function modelVocabulary(said: TextTokens, call: ModelCall, seed: number): Vocabulary {
  const heard = call.newInputMessages.filter(isFromOutside).map(textOf).join("\n");
  const isSilent = said.stems.length === 0 && said.entities.length === 0;
  return { act: isSilent ? null : actOf(said, seed), ...heardVocabulary(heard, seed) };
}
