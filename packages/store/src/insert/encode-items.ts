import { setImmediate as nextTurn } from "node:timers/promises";
import type { Row } from "../rows/row.ts";
import type { TableMapping } from "../rows/table-mapping.ts";
import type { Line } from "./batches.ts";

export interface EncodedItems {
  columns: readonly string[];
  lines: readonly Line[];
}

/** How much text is made before others get their turn. */
const charactersPerTurn = 512 * 1024;

/** Items as lines of JSON. Long batches give way to other work now and then. */
export async function encodeItems<Item>(
  mapping: TableMapping<Item>,
  items: readonly Item[],
): Promise<EncodedItems> {
  const lines: Line[] = [];
  let columns: readonly string[] = [];
  let characters = 0;
  for (const [index, item] of items.entries()) {
    const row: Row = mapping.toRow(item);
    if (index === 0) columns = Object.keys(row);
    const text = JSON.stringify(row);
    lines.push({ index, text });
    characters += text.length;
    if (characters < charactersPerTurn) continue;
    characters = 0;
    await nextTurn();
  }
  return { columns, lines };
}
