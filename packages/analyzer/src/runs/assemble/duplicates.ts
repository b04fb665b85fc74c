import {
  endOf,
  isModel,
  isTool,
  type ModelRecord,
  type RunAssembly,
  startMsOf,
  type StepRecord,
  type ToolRecord,
} from "./assembly-state.ts";
import { keysOf } from "./record-keys.ts";
import { recordOf } from "./run-index.ts";

type Records = RunAssembly["records"];

/** Which records stand for a call that another record stands for as well. */
export interface Duplicates {
  /** The key of the record that outlives this one; undefined for one that stands for itself. */
  originalOf(key: string): string | undefined;
  /** Keys of the records that this one outlives. */
  duplicatesOf(key: string): readonly string[];
  /** Whether a model record stands around several calls and is none itself. */
  isWrapper(key: string): boolean;
}

const callIdOf = (record: ToolRecord): string | null => endOf(record)?.callId ?? record.start?.callId ?? null;
const nameOf = (record: ToolRecord): string => endOf(record)?.toolName ?? record.start?.toolName ?? "";

function isSameTool(outer: ToolRecord, inner: ToolRecord): boolean {
  const outerId = callIdOf(outer);
  return nameOf(outer) === nameOf(inner) || (outerId !== null && outerId === callIdOf(inner));
}

/** A record that is no step by itself. */
export const isSupplement = (record: StepRecord): boolean => isTool(record) && nameOf(record) === "";

function overlap(first: ModelRecord, second: ModelRecord): boolean {
  const firstEnd = endOf(first);
  const secondEnd = endOf(second);
  if (firstEnd === null || secondEnd === null) return false;
  return firstEnd.startMs <= secondEnd.endMs && secondEnd.startMs <= firstEnd.endMs;
}

function richness(record: ModelRecord): number {
  const end = endOf(record);
  const hasPrompt = (record.spanPrompt ?? record.startPrompt ?? record.loggedPrompt) !== null;
  if (end === null) return hasPrompt ? 2 : 0;
  return (hasPrompt ? 2 : 0) + (end.output === null ? 0 : 2) + (end.usage === null ? 0 : 1);
}

/** Of two records of the same response: the one that tells more, then the one that began first. */
function isBetter(first: ModelRecord, second: ModelRecord): boolean {
  if (richness(first) !== richness(second)) return richness(first) > richness(second);
  const difference = startMsOf(first) - startMsOf(second);
  return difference === 0 ? first.place.spanId < second.place.spanId : difference < 0;
}

function parentOriginal(record: StepRecord, records: Records): string | undefined {
  if (record.place.parentSpanId === "") return undefined;
  const key = keysOf(record).parentKey;
  const parent = recordOf(records, key);
  if (parent === undefined) return undefined;
  if (isModel(record)) return isModel(parent) ? key : undefined;
  return isTool(parent) && isSameTool(parent, record) ? key : undefined;
}

/** Records of the same response that no span links: the client under an instrumentation may open a trace of its own. */
function addTwins(records: Records, originals: Map<string, string>): void {
  const byResponse = new Map<string, ModelRecord[]>();
  for (const record of records) {
    if (!isModel(record) || originals.has(keysOf(record).key)) continue;
    const responseId = endOf(record)?.responseId ?? null;
    if (responseId === null) continue;
    const twins = byResponse.get(responseId);
    if (twins === undefined) byResponse.set(responseId, [record]);
    else twins.push(record);
  }
  for (const twins of byResponse.values()) markTwins(twins, originals);
}

/** Records that know a tool call's id and not its name only add to the one that has both. */
function addSupplements(records: Records, originals: Map<string, string>): void {
  if (!records.some(isSupplement)) return;
  const tools = records.filter(isTool);
  for (const record of tools) {
    const callId = callIdOf(record);
    if (callId === null || !isSupplement(record)) continue;
    const named = tools.find((other) => !isSupplement(other) && callIdOf(other) === callId);
    if (named !== undefined) originals.set(keysOf(record).key, keysOf(named).key);
  }
}

function markTwins(twins: ModelRecord[], originals: Map<string, string>): void {
  if (twins.length < 2) return;
  const ranked = twins.toSorted((first, second) => (isBetter(first, second) ? -1 : 1));
  for (const [index, record] of ranked.entries()) {
    const better = ranked.slice(0, index).find((other) => overlap(record, other));
    if (better !== undefined) originals.set(keysOf(record).key, keysOf(better).key);
  }
}

function isAnswered(record: StepRecord | undefined): boolean {
  if (record === undefined || !isModel(record)) return false;
  const end = endOf(record);
  return end?.error === null && (end.output !== null || end.usage !== null);
}

const noWrappers: ReadonlySet<string> = new Set();

/** Several attempts in one call answer once; where more than one span below answered, the one above is no call. */
function wrappersAmong(records: Records, originals: Map<string, string>): ReadonlySet<string> {
  if (originals.size < 2) return noWrappers;
  const answers = new Map<string, string[]>();
  for (const [key, original] of originals) {
    if (isAnswered(recordOf(records, key))) answers.set(original, [...(answers.get(original) ?? []), key]);
  }
  const wrappers = new Set([...answers].filter(([, below]) => below.length > 1).map(([key]) => key));
  for (const [key, original] of originals) if (wrappers.has(original)) originals.delete(key);
  return wrappers;
}

const isOwn = (record: StepRecord | undefined): boolean => record?.place.dialect === "plumbline";

/** A call that passed our own gate keeps the id the agent knows it by, whatever instrumentation stands around it. */
function preferOwn(records: Records, originals: Map<string, string>): void {
  if (originals.size === 0) return;
  for (const record of records) {
    const { key } = keysOf(record);
    let outer = isOwn(record) ? originals.get(key) : undefined;
    if (outer === undefined || isOwn(recordOf(records, outer))) continue;
    originals.delete(key);
    while (outer !== undefined && !isOwn(recordOf(records, outer))) {
      const next: string | undefined = originals.get(outer);
      originals.set(outer, key);
      outer = next === key ? undefined : next;
    }
  }
}

const noDuplicates: Duplicates = {
  originalOf: () => undefined,
  duplicatesOf: () => [],
  isWrapper: () => false,
};

/**
 * Finds the records of one call among all: a model span around a model span (a framework and the client under it, both
 * instrumented), a tool span around a span of the same tool, another record of the same response.
 */
export function findDuplicates(records: Records): Duplicates {
  const originals = new Map<string, string>();
  for (const record of records) {
    const { key } = keysOf(record);
    const original = parentOriginal(record, records);
    if (original !== undefined && original !== key) originals.set(key, original);
  }
  const wrappers = wrappersAmong(records, originals);
  preferOwn(records, originals);
  addSupplements(records, originals);
  addTwins(records, originals);
  if (originals.size === 0 && wrappers.size === 0) return noDuplicates;
  const duplicates = new Map<string, string[]>();
  for (const [key, original] of originals)
    duplicates.set(original, [...(duplicates.get(original) ?? []), key]);
  return {
    originalOf: (key) => originals.get(key),
    duplicatesOf: (key) => duplicates.get(key) ?? [],
    isWrapper: (key) => wrappers.has(key),
  };
}
