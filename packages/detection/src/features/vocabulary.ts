import { type Message, type ModelCall, textOf, type ToolCall } from "@plumbline/contracts";
import { canonicalArguments } from "../mask/canonical-arguments.ts";
import { maskVolatile } from "../mask/mask-volatile.ts";
import { hash32 } from "./hash.ts";
import { mentionedIds } from "./record-ids.ts";
import { tokensOf } from "./words.ts";

const readChars = { act: 300, material: 6000, ids: 24_000 } as const;
const maxTokens = { act: 40, material: 160 } as const;

export interface Vocabulary {
  /** Words and entities of what the agent did or said. */
  act: number[];
  /** Words and entities that came in from outside: results, people, instructions. */
  material: number[];
  /** Record ids that came in from outside. */
  ids: number[];
}

/** Hashes of the distinct words and entities at the start of a text. */
export function vocabularyOf(text: string, limit: { chars: number; tokens: number }, seed: number): number[] {
  const { stems, entities } = tokensOf(text.slice(0, limit.chars));
  const hashes = new Set<number>();
  for (const token of [...entities, ...stems]) {
    if (hashes.size >= limit.tokens) break;
    hashes.add(hash32(token, seed));
  }
  return [...hashes];
}

const actLimit = { chars: readChars.act, tokens: maxTokens.act };

/** Words, entities and ids of a text that came in from outside. */
export function materialOf(text: string, seed: number): Pick<Vocabulary, "material" | "ids"> {
  if (text === "") return { material: [], ids: [] };
  const limit = { chars: readChars.material, tokens: maxTokens.material };
  return { material: vocabularyOf(text, limit, seed), ids: mentionedIds(text.slice(0, readChars.ids), seed) };
}

const isFromOutside = (message: Message): boolean => message.role !== "assistant" && message.role !== "tool";

/** Vocabulary of a tool call: what it asked for, and what came back. */
export function toolVocabulary(name: string, call: ToolCall, seed: number): Vocabulary {
  const { values } = canonicalArguments(call.arguments);
  const act = `${values.join("\n").slice(0, readChars.act)} ${name}`;
  const limit = { chars: readChars.act + 80, tokens: maxTokens.act };
  return { act: vocabularyOf(act, limit, seed), ...materialOf(call.result ?? "", seed) };
}

/** Vocabulary of a model call: what it said, and what people and instructions told it. */
export function modelVocabulary(call: ModelCall, seed: number): Vocabulary {
  const said = maskVolatile(call.output.map(textOf).join("\n"));
  const heard = call.newInputMessages.filter(isFromOutside).map(textOf).join("\n");
  return { act: vocabularyOf(said, actLimit, seed), ...materialOf(heard, seed) };
}
