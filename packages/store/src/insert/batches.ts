import type { Lines } from "./lines.ts";

export interface BatchLimits {
  rows: number;
  bytes: number;
}

/** Small enough to be inserted as one block, so that a failure leaves nothing behind. */
export const defaultBatchLimits: BatchLimits = { rows: 2_000, bytes: 8 * 1024 * 1024 };

/**
 * The positions in an order that follows from the lines alone, so that the same lines are cut in the same places in whatever
 * order they come: what was stored before is known by its place.
 */
export function inOrder(lines: Lines, positions: readonly number[]): number[] {
  return positions
    .map((position) => ({ position, line: lines.at(position) }))
    .toSorted((one, other) => Buffer.compare(one.line, other.line) || one.position - other.position)
    .map(({ position }) => position);
}

/** Cuts lines into batches, as the positions of each; a single line above the limit is a batch of its own. */
export function splitBatches(lines: Lines, limits: BatchLimits = defaultBatchLimits): number[][] {
  const all = Array.from({ length: lines.count }, (_, position) => position);
  if (all.length === 0) return [];
  if (all.length <= limits.rows && lines.byteLength <= limits.bytes) return [all];
  const batches: number[][] = [];
  let batch: number[] = [];
  let bytes = 0;
  for (const position of inOrder(lines, all)) {
    const { byteLength } = lines.at(position);
    if (batch.length === limits.rows || (batch.length > 0 && bytes + byteLength > limits.bytes)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(position);
    bytes += byteLength;
  }
  batches.push(batch);
  return batches;
}
