import type { Position } from "@plumbline/bus";

/*
 * Owns: how many observations this analyzer's runs have yet to fold.
 * Does not own: what waits because of it (ingest).
 */

interface Progress {
  /** Offset of the next observation to fold. */
  next: number;
  /** Offset after the last observation that is known of. */
  end: number;
}

/** Tells ingest how far the runs of the same process are behind. Partitions that another analyzer owns don't count. */
export class RunsBacklog {
  readonly #partitions = new Map<number, Progress>();
  readonly #listeners = new Set<() => void>();

  /** Observations that wait to be folded. */
  get waiting(): number {
    let waiting = 0;
    for (const { next, end } of this.#partitions.values()) waiting += Math.max(0, end - next);
    return waiting;
  }

  /** Observations now stand at these places. */
  published(positions: readonly Position[]): void {
    for (const { partition, offset } of positions) {
      const progress = this.#partitions.get(partition);
      if (progress !== undefined) progress.end = Math.max(progress.end, offset + 1);
    }
  }

  /** A partition is folded below `next` and has records below `end`. */
  folded(partition: number, progress: Progress): void {
    const end = Math.max(progress.end, this.#partitions.get(partition)?.end ?? 0);
    this.#partitions.set(partition, { next: progress.next, end });
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
