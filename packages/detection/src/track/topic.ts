import { mix } from "../features/hash.ts";
import { packHashes, unpackHashes } from "../features/pack.ts";
import type { NamedId } from "../features/record-ids.ts";
import type { Vocabulary } from "../features/vocabulary.ts";
import { type BloomFilter, bloomFilters, filterAdd, filterHas } from "./bloom.ts";

/** How much of an act, or of several, speaks of what the run knew for some time. */
export interface Link {
  /** Weights of old words, and of all. */
  old: number;
  all: number;
  /** Old entities, and all. */
  oldEntities: number;
  entities: number;
}

/**
 * What a run speaks of. Words become `old` only after some acts, so that a run that turned to something else does not
 * vouch for itself. When the filters are full everything looks known: drift then goes unnoticed, never made up.
 */
export interface Topic {
  old: string;
  /** Words of the last few acts and of what they brought, packed. */
  recent: readonly string[];
  ids: string;
  acts: number;
  /** Links of the last acts, oldest first. */
  links: readonly Link[];
  /** Links of all acts before those. */
  before: Link;
  /** Calls with an id that came from the run: from people, instructions or the result of another call. */
  groundedCalls: number;
}

const oldFilters = bloomFilters({ bytes: 2432, probes: 3 });
const idFilters = bloomFilters({ bytes: 1024, probes: 4 });
const actsToAge = 5;
const windowActs = 6;
/** No act weighs more than this, however much it says. */
const maxWordWeight = 16;
const maxEntityWeight = 8;
const maxRecent = 160;

const noLink: Link = { old: 0, all: 0, oldEntities: 0, entities: 0 };

export const noTopic: Topic = {
  old: "",
  recent: [],
  ids: "",
  acts: 0,
  links: [],
  before: noLink,
  groundedCalls: 0,
};

/** The filters in use; hashes are at 18 bits, as `recent` keeps them. */
interface Filters {
  old: BloomFilter;
  /** Words of each of the last acts and of what it brought, packed, oldest first. */
  recent: string[];
  ids: BloomFilter;
}

const short = (hash: number): number => hash & 0x3ffff;

function load(topic: Topic): Filters {
  return {
    old: oldFilters.load(topic.old),
    recent: [...topic.recent],
    ids: idFilters.load(topic.ids),
  };
}

function store(filters: Filters): Pick<Topic, "old" | "recent" | "ids"> {
  return {
    old: oldFilters.store(filters.old),
    recent: filters.recent,
    ids: idFilters.store(filters.ids),
  };
}

const isOld = (filters: Filters, hash: number): boolean => filterHas(filters.old, short(hash));

const rounded = (value: number): number => Math.round(value * 100) / 100;

function linkOf(filters: Filters, act: NonNullable<Vocabulary["act"]>): Link {
  const link = { ...noLink, entities: act.entities.length };
  for (const { hash, weight } of act.words) {
    link.all += weight;
    if (isOld(filters, hash)) link.old += weight;
  }
  link.oldEntities = act.entities.filter((hash) => isOld(filters, hash)).length;
  const words = Math.min(1, maxWordWeight / Math.max(link.all, 1));
  const entities = Math.min(1, maxEntityWeight / Math.max(link.entities, 1));
  return {
    old: rounded(link.old * words),
    all: rounded(link.all * words),
    oldEntities: rounded(link.oldEntities * entities),
    entities: rounded(link.entities * entities),
  };
}

function age(filters: Filters): void {
  const aged = filters.recent.length > actsToAge ? filters.recent.shift() : undefined;
  for (const hash of unpackHashes(aged ?? "")) filterAdd(filters.old, hash);
}

/** Takes in the words of a step: what an act brought belongs to it, what came without an act to the one before. */
function learnWords(filters: Filters, { act, material }: Vocabulary): void {
  if (act !== null || filters.recent.length === 0) filters.recent.push("");
  const newest = new Set(unpackHashes(filters.recent.at(-1) ?? ""));
  const learn = (hash: number): void => {
    if (!isOld(filters, hash)) newest.add(short(hash));
  };
  if (act !== null) {
    for (const { hash } of act.words) learn(hash);
    for (const hash of act.entities) learn(hash);
  }
  for (const hash of material) learn(hash);
  filters.recent[filters.recent.length - 1] = packHashes([...newest], maxRecent);
  age(filters);
}

function learnIds(filters: Filters, ids: readonly number[]): void {
  for (const id of ids) filterAdd(filters.ids, id);
}

const plus = (a: Link, b: Link): Link => ({
  old: a.old + b.old,
  all: a.all + b.all,
  oldEntities: a.oldEntities + b.oldEntities,
  entities: a.entities + b.entities,
});

/** Links taken together. */
export const sumOf = (links: readonly Link[]): Link => links.reduce(plus, noLink);

/** What the run starts with: goal and first instructions. Their words are old at once. */
export function seedTopic(topic: Topic, start: Pick<Vocabulary, "material" | "ids">): Topic {
  const filters = load(topic);
  for (const hash of start.material) filterAdd(filters.old, short(hash));
  learnIds(filters, start.ids);
  return { ...topic, ...store(filters) };
}

/** The mark of an id that the agent named before anything else did. */
const ownMark = (id: number): number => mix(id, 0);

type Origin = "none" | "run" | "own" | "nowhere";

/** Where the ids of a call come from: the run, the agent's own earlier calls alone, or nowhere; `none` where it names none. */
function originOf({ ids: filter }: Filters, ids: readonly NamedId[]): Origin {
  if (ids.length === 0) return "none";
  const met = ids.flat().filter((hash) => filterHas(filter, hash));
  if (met.length === 0) return "nowhere";
  return met.every((hash) => filterHas(filter, ownMark(hash))) ? "own" : "run";
}

export interface TopicStep {
  vocabulary: Vocabulary;
  ids: readonly NamedId[];
  /** The material is what people or instructions said. */
  heard: boolean;
}

function withLink(topic: Topic, link: Link): Pick<Topic, "acts" | "links" | "before"> {
  const links = [...topic.links, link];
  const left = links.length > windowActs ? links[0] : undefined;
  return {
    acts: topic.acts + 1,
    links: links.slice(-windowActs),
    before: left === undefined ? topic.before : plus(topic.before, left),
  };
}

/** Takes an ended step in; `strays` counts ids that appear nowhere in the run before. */
export function followTopic(topic: Topic, step: TopicStep): { topic: Topic; strays: number } {
  const { act, material, ids } = step.vocabulary;
  const filters = load(topic);
  // What people say is known at once: a new request moves the goal.
  if (step.heard) for (const hash of material) filterAdd(filters.old, short(hash));
  const origin = originOf(filters, step.ids);
  const linked = act === null ? {} : withLink(topic, linkOf(filters, act));
  learnWords(filters, step.vocabulary);
  const named = step.ids.map(([id]) => id);
  learnIds(filters, [...ids, ...named]);
  if (origin === "nowhere" || origin === "own") learnIds(filters, named.map(ownMark));
  const groundedCalls = topic.groundedCalls + (origin === "run" ? 1 : 0);
  const strays = origin === "nowhere" ? named.length : 0;
  return { topic: { ...topic, ...linked, ...store(filters), groundedCalls }, strays };
}

/** Share of old words; 1 where there are none. */
export const shareOf = (link: Link): number => (link.all === 0 ? 1 : link.old / link.all);
