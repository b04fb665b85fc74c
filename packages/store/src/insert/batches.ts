/** One row as JSON text and the item it was made of. */
export interface Line {
  index: number;
  text: string;
}

export interface BatchLimits {
  rows: number;
  characters: number;
}

/** Small enough to be inserted as one block, so that a failure leaves nothing behind. */
export const defaultBatchLimits: BatchLimits = { rows: 2_000, characters: 8 * 1024 * 1024 };

function byText(one: Line, other: Line): number {
  if (one.text === other.text) return one.index - other.index;
  return one.text < other.text ? -1 : 1;
}

/**
 * Cuts lines into batches; a single line above the limit is a batch of its own. The order is by text, so that the same items
 * make the same batches in whatever order they come: a batch that was stored before is known by its number alone.
 */
export function splitBatches(lines: readonly Line[], limits: BatchLimits = defaultBatchLimits): Line[][] {
  const batches: Line[][] = [];
  let batch: Line[] = [];
  let characters = 0;
  for (const line of lines.toSorted(byText)) {
    if (
      batch.length === limits.rows ||
      (batch.length > 0 && characters + line.text.length > limits.characters)
    ) {
      batches.push(batch);
      batch = [];
      characters = 0;
    }
    batch.push(line);
    characters += line.text.length;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
