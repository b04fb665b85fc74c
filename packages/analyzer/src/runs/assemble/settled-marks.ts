import type { RunAssembly } from "./assembly-state.ts";
import { textHash } from "./text-hash.ts";

type Marked = "model" | "tool" | "step" | "call";
type Marks = Pick<RunAssembly, "settled">;

/** What is remembered of a record or step that left the window: a few characters. */
export const settledMark = (kind: Marked, key: string): string => `${kind[0] ?? ""}${textHash(key)}`;

export const isSettled = (state: Marks, kind: Marked, key: string): boolean =>
  state.settled.includes(settledMark(kind, key));

/** Marks of one run are few: half a hash tells them apart. */
const shortHash = (text: string): string => textHash(text).slice(-6);
const requestedId = (callId: string): string => `r${shortHash(callId)}.`;

/** What is remembered of a call that was made: prompts go on telling of it. */
export const requestedMark = (callId: string, comparableArguments: string): string =>
  requestedId(callId) + shortHash(comparableArguments);

/** Whether a call of that id, and with those arguments where given, was made. */
export function wasRequested(state: Marks, callId: string, comparableArguments: string | null): boolean {
  if (comparableArguments !== null) return state.settled.includes(requestedMark(callId, comparableArguments));
  const id = requestedId(callId);
  return state.settled.some((mark) => mark.startsWith(id));
}
