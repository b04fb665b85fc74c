import { oncePerObject } from "@plumbline/contracts";
import type { RunAssembly } from "./assembly-state.ts";
import { textHash } from "./text-hash.ts";

type Marked = "model" | "tool" | "step" | "call";
type Marks = Pick<RunAssembly, "settled">;

/** What is remembered of a record or step that left the window: a few characters. */
export const settledMark = (kind: Marked, key: string): string => `${kind[0] ?? ""}${textHash(key)}`;

/** Marks are looked for far more often than they are added. */
const lookupIn = oncePerObject((settled: Marks["settled"]) => {
  const requested = settled.filter((mark) => mark.startsWith("r"));
  return {
    marks: new Set(settled),
    requestedIds: new Set(requested.map((mark) => mark.slice(0, mark.indexOf(".") + 1))),
  };
});

export const isSettled = (state: Marks, kind: Marked, key: string): boolean =>
  state.settled.length > 0 && lookupIn(state.settled).marks.has(settledMark(kind, key));

/** Marks of one run are few: half a hash tells them apart. */
const shortHash = (text: string): string => textHash(text).slice(-6);
const requestedId = (callId: string): string => `r${shortHash(callId)}.`;

/** What is remembered of a call that was made: prompts go on telling of it. */
export const requestedMark = (callId: string, comparableArguments: string): string =>
  requestedId(callId) + shortHash(comparableArguments);

/** Whether a call of that id, and with those arguments where given, was made. */
export function wasRequested(state: Marks, callId: string, comparableArguments: string | null): boolean {
  if (state.settled.length === 0) return false;
  const { marks, requestedIds } = lookupIn(state.settled);
  return comparableArguments === null
    ? requestedIds.has(requestedId(callId))
    : marks.has(requestedMark(callId, comparableArguments));
}
