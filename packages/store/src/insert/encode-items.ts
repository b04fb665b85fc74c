import { eventLoopTurn, messageOf } from "@plumbline/contracts";
import type { Row } from "../rows/row.ts";
import type { TableMapping } from "../rows/table-mapping.ts";
import type { RejectedItem } from "../store.ts";
import type { Line } from "./batches.ts";

export interface EncodedItems {
  columns: readonly string[];
  lines: readonly Line[];
  /** Items that are not of their type, because an older version wrote them, say. */
  rejected: readonly RejectedItem[];
}

/** How much text is made before others get their turn. */
const charactersPerTurn = 256 * 1024;

function rowOf<Item>(mapping: TableMapping<Item>, item: Item): Row | string {
  try {
    return mapping.toRow(item);
  } catch (thrown) {
    return `It is not of the form that the table takes: ${messageOf(thrown)}.`;
  }
}

/** Items as lines of JSON. Long batches give way to other work now and then. */
export async function encodeItems<Item>(
  mapping: TableMapping<Item>,
  items: readonly Item[],
): Promise<EncodedItems> {
  const lines: Line[] = [];
  const rejected: RejectedItem[] = [];
  let columns: readonly string[] = [];
  let characters = 0;
  await eventLoopTurn("bulk");
  for (const [index, item] of items.entries()) {
    const row = rowOf(mapping, item);
    if (typeof row === "string") {
      rejected.push({ index, reason: row });
      continue;
    }
    if (lines.length === 0) columns = Object.keys(row);
    const text = JSON.stringify(row);
    lines.push({ index, text });
    characters += text.length;
    if (characters < charactersPerTurn) continue;
    characters = 0;
    await eventLoopTurn("bulk");
  }
  return { columns, lines, rejected };
}
