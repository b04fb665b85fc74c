import type { Position } from "@plumbline/bus";

/*
 * Owns: how many observations this analyzer's runs have yet to fold, and for how long the oldest of them has waited.
 * Does not own: what waits because of it (ingest).
 */

/** How far a partition is folded. */
export interface FoldProgress {
  /** Offset of the next observation to fold. */
  next: number;
  /** Offset after the last observation that is known of. */
  end: number;
  /** Whether the rows of what was folded wait for the database. */
  rowsWait: boolean;
}

interface PartitionBacklog extends FoldProgress {
  /** What this analyzer published, the oldest first: up to which offset, and when. */
  published: { end: number; atMs: number }[];
}

/** Tells ingest how far the runs of the same process are behind. Partitions that another analyzer owns don't count. */
export class RunsBacklog {
  readonly #partitions = new Map<number, PartitionBacklog>();
  readonly #listeners = new Set<() => void>();

  /** Observations that wait to be folded. */
  get waiting(): number {
    let waiting = 0;
    for (const { next, end } of this.#partitions.values()) waiting += Math.max(0, end - next);
    return waiting;
  }

  /** Whether rows of some partition wait for the database. */
  get rowsWait(): boolean {
    return [...this.#partitions.values()].some(({ rowsWait }) => rowsWait);
  }

  /** Since when the oldest of this analyzer's own observations waits; undefined when none does. */
  get waitingSinceMs(): number | undefined {
    const since = [...this.#partitions.values()].flatMap(({ published }) => published[0]?.atMs ?? []);
    return since.length === 0 ? undefined : Math.min(...since);
  }

  /** Observations now stand at these places. */
  published(positions: readonly Position[], atMs: number): void {
    for (const { partition, offset } of positions) {
      const backlog = this.#partitions.get(partition);
      if (backlog === undefined || offset < backlog.next) continue;
      backlog.end = Math.max(backlog.end, offset + 1);
      const last = backlog.published.at(-1);
      if (last?.atMs === atMs) last.end = offset + 1;
      else backlog.published.push({ end: offset + 1, atMs });
    }
  }

  /** What is known of a partition each time something of it is folded, a moment a second at least. */
  folded(partition: number, { next, end, rowsWait }: FoldProgress): void {
    const { end: knownEnd = 0, published = [] } = this.#partitions.get(partition) ?? {};
    const waiting = published.filter((mark) => mark.end > next);
    this.#partitions.set(partition, { next, end: Math.max(end, knownEnd), rowsWait, published: waiting });
    for (const tell of this.#listeners) tell();
  }

  /** Somebody else folds the partition from now on. */
  left(partition: number): void {
    this.#partitions.delete(partition);
    for (const tell of this.#listeners) tell();
  }

  /** Calls back whenever less may be waiting; ends with what is returned. */
  onProgress(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }
}
