import type { Message } from "@plumbline/contracts";
import type { Prompt } from "./assembly-state.ts";
import { jsonOf } from "./json-of.ts";
import { textHash } from "./text-hash.ts";

/*
 * Most agents send their whole history with every call. A prompt is therefore cut to what is new, by hashes that run
 * along its messages: where the running hash equals that of an earlier whole prompt, everything before is known.
 */

/** Messages are never changed: each is hashed once, however many prompts it stands in. */
const hashes = new WeakMap<Message, string>();

function messageHash(message: Message): string {
  const known = hashes.get(message);
  if (known !== undefined) return known;
  const hash = textHash(jsonOf([message.role, message.parts]));
  hashes.set(message, hash);
  return hash;
}

/** What earlier prompts of the run looked like. */
export interface KnownPrompts {
  endHashes: ReadonlySet<string>;
  /** Hashes of their last messages: the way back in when the beginning of the history was cut or rewritten. */
  lastHashes: ReadonlySet<string>;
}

export function knownPrompts(prompts: Iterable<Prompt | null>): KnownPrompts {
  const endHashes = new Set<string>();
  const lastHashes = new Set<string>();
  for (const prompt of prompts) {
    if (prompt === null) continue;
    if (prompt.endHash !== null) endHashes.add(prompt.endHash);
    if (prompt.lastHash !== null) lastHashes.add(prompt.lastHash);
  }
  return { endHashes, lastHashes };
}

interface Cut {
  index: number;
  hash: string;
}

interface Scan {
  prefix: Cut | null;
  tail: Cut | null;
  endHash: string;
  lastHash: string | null;
}

function scan(messages: readonly Message[], baseHash: string, known: KnownPrompts): Scan {
  let hash = baseHash;
  let prefix: Cut | null = null;
  let tail: Cut | null = null;
  let lastHash: string | null = null;
  for (const [index, message] of messages.entries()) {
    lastHash = messageHash(message);
    hash = textHash(hash + lastHash);
    if (known.endHashes.has(hash)) prefix = { index: index + 1, hash };
    if (known.lastHashes.has(lastHash)) tail = { index: index + 1, hash };
  }
  return { prefix, tail, endHash: hash, lastHash };
}

function cutTo(
  messages: Message[],
  { index, hash }: Cut,
  whole: { baseCount: number; scanned: Scan },
): Prompt {
  const { endHash, lastHash } = whole.scanned;
  const count = whole.baseCount + messages.length;
  return {
    messages: messages.slice(index),
    baseCount: whole.baseCount + index,
    baseHash: hash,
    endHash,
    lastHash,
    count,
  };
}

/** A whole prompt, cut to what `known` does not hold. */
export function cutPrompt(messages: Message[], known: KnownPrompts): Prompt {
  const scanned = scan(messages, "", known);
  const cut = scanned.prefix ?? scanned.tail ?? { index: 0, hash: "" };
  return cutTo(messages, cut, { baseCount: 0, scanned });
}

/** A prompt of which the sender left out what it had sent before. */
export function partialPrompt(messages: Message[], offset: number, count: number): Prompt {
  return {
    messages,
    baseCount: offset,
    baseHash: "",
    endHash: null,
    lastHash: null,
    count: Math.max(count, offset + messages.length),
  };
}

/** Cuts further when an earlier call became known late. */
export function recutPrompt(prompt: Prompt, known: KnownPrompts): Prompt {
  if (prompt.endHash === null || prompt.messages.length === 0) return prompt;
  const scanned = scan(prompt.messages, prompt.baseHash, known);
  const cut = scanned.prefix ?? (prompt.baseCount === 0 ? scanned.tail : null);
  return cut === null ? prompt : cutTo(prompt.messages, cut, { baseCount: prompt.baseCount, scanned });
}
