import { isBadRow } from "../engine/caller-error.ts";
import { toDatabaseError } from "../engine/database-error.ts";
import type { Engine } from "../engine/engine.ts";
import type { RejectedItem } from "../store.ts";
import type { Line } from "./batches.ts";

export interface LinesTarget {
  engine: Engine;
  table: string;
  columns: readonly string[];
}

/**
 * Inserts a batch; when the database refuses it because of a row, halves it until the culprits stand alone. The parts get
 * tokens of their own that depend on their place in the batch only, so that a repetition of the whole is dropped part by part.
 * @returns the refused rows
 * @throws DatabaseError for every other failure
 */
export async function insertLines(
  target: LinesTarget,
  lines: readonly Line[],
  token: string,
): Promise<RejectedItem[]> {
  const { engine, table, columns } = target;
  const text = `${lines.map((line) => line.text).join("\n")}\n`;
  try {
    await engine.insert({ table, columns, lines: text, token });
    return [];
  } catch (thrown) {
    const error = toDatabaseError(thrown);
    if (!isBadRow(error)) throw error;
    const [only] = lines;
    if (lines.length === 1 && only !== undefined) return [{ index: only.index, reason: error.message }];
    const middle = Math.ceil(lines.length / 2);
    const first = await insertLines(target, lines.slice(0, middle), `${token}.0`);
    const second = await insertLines(target, lines.slice(middle), `${token}.1`);
    return [...first, ...second];
  }
}
