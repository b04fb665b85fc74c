import type { RunAssembly } from "./assembly-state.ts";
import { textHash } from "./text-hash.ts";

type Marked = "model" | "tool" | "step" | "call";

/** What is remembered of a record or step that left the window: a few characters. */
export const settledMark = (kind: Marked, key: string): string => `${kind[0] ?? ""}${textHash(key)}`;

export const isSettled = (state: Pick<RunAssembly, "settled">, kind: Marked, key: string): boolean =>
  state.settled.includes(settledMark(kind, key));
