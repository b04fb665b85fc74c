import type { Commit } from "@plumbline/bus";
import type { RunSummary } from "@plumbline/contracts";
import { plannedEndOf } from "../persist/planned-range.ts";
import type { Rows } from "../persist/rows.ts";

/*
 * Owns: whose summary changed, also in a replay, and has not been handed to the writer since.
 * Does not own: the summaries (runs-worker).
 */

/** Summaries go with the last record of a batch, one for each run however often it changed. */
export class PendingSummaries {
  readonly #committed: ReadonlyMap<string, Commit>;
  readonly #summaryOf: (key: string) => RunSummary | undefined;
  readonly #keys = new Set<string>();
  #carriesOver = false;

  constructor(committed: ReadonlyMap<string, Commit>, summaryOf: (key: string) => RunSummary | undefined) {
    this.#committed = committed;
    this.#summaryOf = summaryOf;
  }

  /** Whether some were left over by the last batch, which had no record to hand them over with. */
  get carriesOver(): boolean {
    return this.#carriesOver;
  }

  changed(key: string): void {
    this.#keys.add(key);
  }

  /**
   * Which runs have news depends on where batches happen to end. A range that an earlier owner planned may be stored
   * already, with other summaries, and the database would drop these as a repetition: they go into the next one.
   */
  takeAt(topicName: string, offset: number): Rows {
    if (offset < (plannedEndOf(this.#committed.get(topicName)) ?? 0)) return {};
    const runs = [...this.#keys].flatMap((key) => this.#summaryOf(key) ?? []);
    this.#keys.clear();
    return { runs };
  }

  batchEnded(): void {
    this.#carriesOver = this.#keys.size > 0;
  }
}
