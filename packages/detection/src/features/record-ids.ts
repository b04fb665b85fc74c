import { parseJson } from "../parse-json.ts";
import { hash32 } from "./hash.ts";

const idShape = /^[#\w-]{4,40}$/;
const dateShape = /^\d{4}-\d\d(?:-\d\d)?|^\d{1,2}[/.:]\d{1,2}/;
const idToken = /[#\w-]{4,40}/g;
const numericIdField = /(?:id|number|code|key)$/i;
const maxFromText = 160;
const maxFromArguments = 6;

/** Whether a whole value has the shape of a record's id: no date, no small number, no word. */
function isRecordId(value: string): boolean {
  if (!idShape.test(value) || dateShape.test(value) || /^\d{1,4}$/.test(value)) return false;
  return /\d{3,}/.test(value) || (/\d/.test(value) && !/[a-z]/.test(value) && value.length >= 5);
}

const normal = (value: string): string => value.replace(/^#/, "").toLowerCase();

const hashOf = (value: string, seed: number): number => hash32(`id ${normal(value)}`, seed);

/** The id before and after in a series, so that counting on is not taken for making up. */
function neighbour(value: string, step: number): string {
  return value.replace(/(\d+)(?!.*\d)/, (digits) =>
    String(Math.max(0, Number(digits) + step)).padStart(digits.length, "0"),
  );
}

/** An id that a call names: itself, and its neighbours in a series. */
export type NamedId = readonly [id: number, before: number, after: number];

interface Leaf {
  key: string;
  value: string | number;
}

function leavesOf(value: unknown, key: string, into: Leaf[]): void {
  if (typeof value === "string" || typeof value === "number") into.push({ key, value });
  else if (Array.isArray(value)) for (const item of value) leavesOf(item, key, into);
  else if (typeof value === "object" && value !== null)
    for (const [name, item] of Object.entries(value)) leavesOf(item, name, into);
}

const isIdLeaf = ({ key, value }: Leaf): boolean =>
  isRecordId(String(value)) && (typeof value === "string" || numericIdField.test(key));

/** The record ids that the arguments of a call name as whole values, as they are written there. */
export const recordIdsOf = (argumentsText: string): string[] => recordIdsIn(parseJson(argumentsText));

function recordIdsIn(value: unknown): string[] {
  const leaves: Leaf[] = [];
  if (typeof value === "object") leavesOf(value, "", leaves);
  return leaves
    .filter(isIdLeaf)
    .slice(0, maxFromArguments)
    .map(({ value }) => String(value));
}

/** The same of arguments that were read, hashed, each with its neighbours in a series. */
export function namedIds(value: unknown, seed: number): NamedId[] {
  return recordIdsIn(value).map((id) => [
    hashOf(id, seed),
    hashOf(neighbour(id, -1), seed),
    hashOf(neighbour(id, 1), seed),
  ]);
}

/** An id in the spellings under which a text may have named it or its neighbours in a series. */
export function groundsOf(id: string): string[] {
  return [id, neighbour(id, -1), neighbour(id, 1)].map((one) => normal(one));
}

/** Everything in a text that may be the id of a record, in the spelling of {@link groundsOf}. */
export function idsMentionedIn(text: string): string[] {
  const tokens = text.match(idToken) ?? [];
  return tokens.filter((token) => /\d/.test(token)).map((token) => normal(token));
}

/** Everything in a text that may be the id of a record. */
export function mentionedIds(text: string, seed: number): number[] {
  const ids = new Set<number>();
  for (const token of text.match(idToken) ?? []) {
    if (/\d/.test(token)) ids.add(hashOf(token, seed));
    if (ids.size >= maxFromText) break;
  }
  return [...ids];
}
