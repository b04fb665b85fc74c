import { createHash } from "node:crypto";

/** How far a stream has told its client everything about its set of runs. */
export interface StreamCursor {
  /** Names the set of runs: a cursor is worth nothing for another set. */
  setId: string;
  /** Per partition of the control state the offset after the last record told. */
  nextOffsets: readonly number[];
}

const pattern = /^([0-9a-f]{16})\.([0-9a-z]*(?:-[0-9a-z]+)*)$/;

export function setIdOf(keys: Iterable<string>): string {
  return createHash("sha256")
    .update(JSON.stringify([...keys].toSorted()))
    .digest("hex")
    .slice(0, 16);
}

/** An event id: sent back as `Last-Event-ID`, to any gateway that reads the same control state. */
export function formatCursor({ setId, nextOffsets }: StreamCursor): string {
  return `${setId}.${nextOffsets.map((offset) => offset.toString(36)).join("-")}`;
}

/** The cursor in a `Last-Event-ID`; undefined when there is none, and everything has to be told again. */
export function parseCursor(text: string | undefined): StreamCursor | undefined {
  const match = pattern.exec(text ?? "");
  if (match === null) return undefined;
  const [, setId = "", offsets = ""] = match;
  const nextOffsets = offsets === "" ? [] : offsets.split("-").map((offset) => Number.parseInt(offset, 36));
  return nextOffsets.every((offset) => Number.isSafeInteger(offset)) ? { setId, nextOffsets } : undefined;
}

/** Whether a cursor speaks of this state: one from the future belongs to a state that was lost or replaced. */
export function isWithin(cursor: StreamCursor, nextOffsets: readonly number[]): boolean {
  return cursor.nextOffsets.every((offset, partition) => offset <= (nextOffsets[partition] ?? 0));
}
