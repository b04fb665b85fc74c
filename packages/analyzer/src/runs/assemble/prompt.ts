import { createObjectNotes, type Message } from "@plumbline/contracts";
import type { Prompt } from "./assembly-state.ts";
import { keepFacts, type MessageFacts, messageFacts, passingFacts } from "./message-facts.ts";
import { hashedOn } from "./text-hash.ts";

/*
 * Most agents send their whole history with every call. A prompt is therefore cut to what is new, by hashes that run
 * along its messages: where the running hash equals that of an earlier whole prompt, everything before is known.
 */

/** What earlier prompts of the run looked like. */
export interface KnownPrompts {
  endHashes: ReadonlySet<number>;
  /** Hashes of their last messages: the way back in when the beginning of the history was cut or rewritten. */
  lastHashes: ReadonlySet<number>;
}

export function knownPrompts(prompts: Iterable<Prompt | null>): KnownPrompts {
  const endHashes = new Set<number>();
  const lastHashes = new Set<number>();
  for (const prompt of prompts) {
    if (prompt === null) continue;
    if (prompt.endHash !== null) endHashes.add(prompt.endHash);
    if (prompt.lastHash !== null) lastHashes.add(prompt.lastHash);
  }
  return { endHashes, lastHashes };
}

interface Cut {
  index: number;
  hash: number;
}

/** The hash that runs along the messages, at each of them. */
const runningHashes = createObjectNotes<
  readonly Message[],
  { baseHash: number; hashes: readonly number[] }
>();

function hashesAlong(facts: readonly MessageFacts[], baseHash: number): number[] {
  let running = baseHash;
  return facts.map(({ hash }) => (running = hashedOn(running, hash)));
}

function knownHashesAlong(messages: readonly Message[], baseHash: number): readonly number[] {
  const known = runningHashes.get(messages);
  if (known?.baseHash === baseHash) return known.hashes;
  const hashes = hashesAlong(messages.map(messageFacts), baseHash);
  runningHashes.set(messages, { baseHash, hashes });
  return hashes;
}

/** Behind the longest beginning that is known as a whole. */
function prefixIn(hashes: readonly number[], known: KnownPrompts): Cut | null {
  const index = hashes.findLastIndex((hash) => known.endHashes.has(hash));
  return index < 0 ? null : { index: index + 1, hash: hashes[index] ?? 0 };
}

/** Behind the last message with which an earlier prompt ended. */
function tailIn(facts: readonly MessageFacts[], hashes: readonly number[], known: KnownPrompts): Cut | null {
  if (known.lastHashes.size === 0) return null;
  const index = facts.findLastIndex(({ hash }) => known.lastHashes.has(hash));
  return index < 0 ? null : { index: index + 1, hash: hashes[index] ?? 0 };
}

const lastHashOf = (messages: readonly Message[]): number | null => {
  const last = messages.at(-1);
  return last === undefined ? null : messageFacts(last).hash;
};

function cutTo(
  messages: Message[],
  { index, hash }: Cut,
  whole: { baseCount: number; hashes: readonly number[]; lastHash: number | null },
): Prompt {
  const cut = messages.slice(index);
  runningHashes.set(cut, { baseHash: hash, hashes: whole.hashes.slice(index) });
  return {
    messages: cut,
    baseCount: whole.baseCount + index,
    baseHash: hash,
    endHash: whole.hashes.at(-1) ?? 0,
    lastHash: whole.lastHash,
    count: whole.baseCount + messages.length,
  };
}

/** A whole prompt, cut to what `known` does not hold. */
export function cutPrompt(messages: Message[], known: KnownPrompts): Prompt {
  const facts = messages.map(passingFacts);
  const hashes = hashesAlong(facts, 0);
  const cut = prefixIn(hashes, known) ?? tailIn(facts, hashes, known) ?? { index: 0, hash: 0 };
  for (let index = cut.index; index < messages.length; index += 1) {
    const [message, told] = [messages[index], facts[index]];
    if (message !== undefined && told !== undefined) keepFacts(message, told);
  }
  return cutTo(messages, cut, { baseCount: 0, hashes, lastHash: facts.at(-1)?.hash ?? null });
}

/** A prompt of which the sender left out what it had sent before. */
export function partialPrompt(messages: Message[], offset: number, count: number): Prompt {
  return {
    messages,
    baseCount: offset,
    baseHash: 0,
    endHash: null,
    lastHash: lastHashOf(messages),
    count: Math.max(count, offset + messages.length),
  };
}

/** Cuts further when an earlier call became known late; the same prompt when that told nothing of it. */
export function recutPrompt(prompt: Prompt, known: KnownPrompts): Prompt {
  const { messages, baseCount, baseHash } = prompt;
  if (prompt.endHash === null || messages.length === 0) return prompt;
  const hashes = knownHashesAlong(messages, baseHash);
  const tail = (): Cut | null => (baseCount === 0 ? tailIn(messages.map(messageFacts), hashes, known) : null);
  const cut = prefixIn(hashes, known) ?? tail();
  return cut === null ? prompt : cutTo(messages, cut, { baseCount, hashes, lastHash: lastHashOf(messages) });
}
