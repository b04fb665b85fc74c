import { isBadRow } from "../engine/caller-error.ts";
import { toDatabaseError } from "../engine/database-error.ts";
import type { Engine } from "../engine/engine.ts";
import type { RejectedItem } from "../store.ts";
import { inOrder } from "./batches.ts";
import type { Lines } from "./lines.ts";

export interface LinesTarget {
  engine: Engine;
  table: string;
  columns: readonly string[];
}

/**
 * Inserts the lines at some positions; when the database refuses them because of a row, halves them until the culprits stand
 * alone. The parts get tokens of their own that depend on their place only, so that a repetition of the whole is dropped part
 * by part.
 * @returns the items of the refused lines
 * @throws DatabaseError for every other failure
 */
export async function insertLines(
  target: LinesTarget,
  { lines, positions }: { lines: Lines; positions: readonly number[] },
  token: string,
): Promise<RejectedItem[]> {
  const { engine, table, columns } = target;
  try {
    await engine.insert({ table, columns, lines: lines.copyOf(positions), token });
    return [];
  } catch (thrown) {
    const error = toDatabaseError(thrown);
    if (!isBadRow(error)) throw error;
    const [only] = positions;
    if (positions.length === 1 && only !== undefined)
      return [{ index: lines.itemAt(only), reason: error.message }];
    const ordered = inOrder(lines, positions);
    const middle = Math.ceil(ordered.length / 2);
    const first = { lines, positions: ordered.slice(0, middle) };
    const second = { lines, positions: ordered.slice(middle) };
    return [
      ...(await insertLines(target, first, `${token}.0`)),
      ...(await insertLines(target, second, `${token}.1`)),
    ];
  }
}
