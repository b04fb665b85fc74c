import { packHashes, unpackHashes } from "../features/pack.ts";
import type { NamedId } from "../features/record-ids.ts";
import type { Vocabulary } from "../features/vocabulary.ts";
import { type BloomShape, filterAdd, filterHas, loadFilter, storeFilter } from "./bloom.ts";

/** How much of an act speaks of what the run knew for some time: weights of old words, and of all. */
export interface Link {
  old: number;
  all: number;
}

/**
 * What a run speaks of. Words become `old` only after some acts, so that a run that turned to something else does not
 * vouch for itself. When the filters are full everything looks known: drift then goes unnoticed, never made up.
 */
export interface Topic {
  old: string;
  /** Words of the last few acts, packed. */
  recent: readonly string[];
  common: string;
  ids: string;
  acts: number;
  /** Links of the last acts, oldest first. */
  links: readonly Link[];
  /** Links of all acts before those. */
  before: Link;
  /** Calls whose ids all came from the run. */
  groundedCalls: number;
}

const oldShape: BloomShape = { bytes: 2432, probes: 3 };
const commonShape: BloomShape = { bytes: 512, probes: 2 };
const idShape: BloomShape = { bytes: 1024, probes: 4 };
const actsToAge = 3;
const windowActs = 8;
const actWeight = 20;
const maxRecent = 160;
const weightOf = { fresh: 1, known: 0.75, common: 0.3 } as const;

export const noTopic: Topic = {
  old: "",
  recent: [],
  common: "",
  ids: "",
  acts: 0,
  links: [],
  before: { old: 0, all: 0 },
  groundedCalls: 0,
};

/** The filters in use; hashes are at 18 bits, as `recent` keeps them. */
interface Filters {
  old: Buffer;
  /** Words of each of the last acts and of what it brought, oldest first. */
  recent: Set<number>[];
  common: Buffer;
  ids: Buffer;
}

const short = (hash: number): number => hash & 0x3ffff;

function load(topic: Topic): Filters {
  return {
    old: loadFilter(topic.old, oldShape),
    recent: topic.recent.map((packed) => new Set(unpackHashes(packed))),
    common: loadFilter(topic.common, commonShape),
    ids: loadFilter(topic.ids, idShape),
  };
}

function store(filters: Filters): Pick<Topic, "old" | "recent" | "common" | "ids"> {
  return {
    old: storeFilter(filters.old),
    recent: filters.recent.map((words) => packHashes([...words], maxRecent)),
    common: storeFilter(filters.common),
    ids: storeFilter(filters.ids),
  };
}

function weigh(filters: Filters, hash: number, isOld: boolean): number {
  if (isOld) return filterHas(filters.common, hash, commonShape) ? weightOf.common : weightOf.known;
  return filters.recent.some((words) => words.has(hash)) ? weightOf.known : weightOf.fresh;
}

function linkOf(filters: Filters, act: readonly number[]): Link {
  let old = 0;
  let all = 0;
  for (const hash of act.map(short)) {
    const isOld = filterHas(filters.old, hash, oldShape);
    const weight = weigh(filters, hash, isOld);
    all += weight;
    if (isOld) old += weight;
  }
  const scale = all > actWeight ? actWeight / all : 1;
  return { old: Math.round(old * scale * 100) / 100, all: Math.round(all * scale * 100) / 100 };
}

/** Takes in the words of a step; those of the oldest of the last acts grow old. */
function learnWords(filters: Filters, words: readonly number[]): void {
  const newest = new Set<number>();
  for (const hash of words.map(short)) {
    if (filterHas(filters.old, hash, oldShape)) filterAdd(filters.common, hash, commonShape);
    else newest.add(hash);
  }
  filters.recent.push(newest);
  const aged = filters.recent.length > actsToAge ? filters.recent.shift() : undefined;
  for (const hash of aged ?? []) filterAdd(filters.old, hash, oldShape);
}

function learnIds(filters: Filters, ids: readonly number[]): void {
  for (const id of ids) filterAdd(filters.ids, id, idShape);
}

const plus = (a: Link, b: Link): Link => ({ old: a.old + b.old, all: a.all + b.all });

/** What the run starts with: goal and first instructions. Their words are old at once. */
export function seedTopic(topic: Topic, start: Pick<Vocabulary, "material" | "ids">): Topic {
  const filters = load(topic);
  for (const hash of start.material) filterAdd(filters.old, short(hash), oldShape);
  learnIds(filters, start.ids);
  return { ...topic, ...store(filters) };
}

/** How many of the ids that a call names the run never met; 0 when it met one of them, or names none. */
function straysOf(filters: Filters, ids: readonly NamedId[]): number {
  const met = ids.some((named) => named.some((hash) => filterHas(filters.ids, hash, idShape)));
  return met ? 0 : ids.length;
}

export interface TopicStep {
  vocabulary: Vocabulary;
  ids: readonly NamedId[];
  /** The material is what people or instructions said. */
  heard: boolean;
}

function withLink(topic: Topic, link: Link): Pick<Topic, "links" | "before"> {
  const links = [...topic.links, link];
  const left = links.length > windowActs ? links[0] : undefined;
  return {
    links: links.slice(-windowActs),
    before: left === undefined ? topic.before : plus(topic.before, left),
  };
}

/** Takes an ended step in; `strays` counts ids that appear nowhere in the run before. */
export function followTopic(topic: Topic, step: TopicStep): { topic: Topic; strays: number } {
  const { act, material, ids } = step.vocabulary;
  const filters = load(topic);
  // What people say is known at once: a new request moves the goal.
  if (step.heard) for (const hash of material) filterAdd(filters.old, short(hash), oldShape);
  const strays = straysOf(filters, step.ids);
  const isGrounded = step.ids.length > 0 && strays === 0;
  const isAct = act.length > 0;
  const linked = isAct ? withLink(topic, linkOf(filters, act)) : {};
  if (isAct || material.length > 0) learnWords(filters, [...act, ...material]);
  learnIds(filters, [...ids, ...step.ids.map(([id]) => id)]);
  const acts = topic.acts + (isAct ? 1 : 0);
  const groundedCalls = topic.groundedCalls + (isGrounded ? 1 : 0);
  return { topic: { ...topic, ...linked, ...store(filters), acts, groundedCalls }, strays };
}

/** Share of old words in links. */
export function shareOf(links: readonly Link[]): number {
  const sum = links.reduce<Link>(plus, { old: 0, all: 0 });
  return sum.all === 0 ? 1 : sum.old / sum.all;
}
