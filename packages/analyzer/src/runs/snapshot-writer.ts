import type { Assignment, Bus, BusRecord } from "@plumbline/bus";
import { type Clock, eventLoopTurn, topic } from "@plumbline/contracts";
import type { RangeWriter } from "../persist/range-writer.ts";
import type { HeldRun } from "./held-run.ts";
import { quietRulesOf } from "./quiet-until.ts";
import { restUntilMs } from "./rest-until.ts";
import type { RunParts } from "./run-state.ts";
import { type SnapshotChanges, type SnapshotMarker, snapshotBatches } from "./snapshot-log.ts";

/*
 * Owns: which runs have changed since they were last written down, and writing them down.
 * Does not own: their state (runs-worker), the format (snapshot-log).
 *
 * I1  A snapshot is published only when everything it holds is stored and committed; so reading from its offsets, with
 *     effects from the committed offset on, leaves nothing out.
 */

/** Packing many busy runs takes its time; ten times as much belongs to their verdicts before the next snapshot. */
const restPerPackingTime = 10;
/** Packed few at a time, published many at a time: each publication waits for an answer. */
const recordsPerPublication = 256;

export interface SnapshotSource {
  /** False while something follows from the states that no row and no later record would tell. */
  isWhole(): boolean;
  /** Undefined for a run that is to be forgotten. */
  heldOf(key: string): HeldRun | undefined;
  /** Where the partition stands now, as plain values. */
  marker(): SnapshotMarker;
}

export interface SnapshotWriterOptions {
  bus: Bus;
  clock: Clock;
  assignment: Assignment;
  writer: RangeWriter;
  source: SnapshotSource;
  parts: RunParts;
}

/** Writes the changed runs of one partition number, one snapshot after the other: an older one must not come to lie over a newer one. */
export class SnapshotWriter {
  readonly #options: SnapshotWriterOptions;
  readonly #changed = new Set<string>();
  #saving: Promise<void> = Promise.resolve();
  #restUntilMs = 0;

  constructor(options: SnapshotWriterOptions) {
    this.#options = options;
  }

  changed(key: string): void {
    this.#changed.add(key);
  }

  /** Does nothing while it rests from the last one. */
  async saveAtRest(): Promise<void> {
    if (this.#options.clock.nowMs() >= this.#restUntilMs) await this.save();
  }

  save(): Promise<void> {
    this.#saving = this.#saving
      .catch(() => undefined)
      .then(() => (this.#isDue() ? this.#publish() : undefined));
    return this.#saving;
  }

  #isDue(): boolean {
    return this.#changed.size > 0 && this.#options.source.isWhole();
  }

  async #publish(): Promise<void> {
    const { clock, source, parts } = this.#options;
    const keys = [...this.#changed];
    const runs = keys.map((key): [string, HeldRun | undefined] => [key, source.heldOf(key)]);
    const marker = source.marker();
    this.#changed.clear();
    try {
      if (!(await this.#isAllStored(marker))) return this.#keep(keys);
      const startMs = clock.nowMs();
      const rules = quietRulesOf(parts);
      const quietUntilMs = (run: HeldRun): number => restUntilMs(run, parts, startMs);
      const packingMs = await this.#write({ runs, marker, rules, quietUntilMs });
      this.#restUntilMs = clock.nowMs() + packingMs * restPerPackingTime;
    } catch (error) {
      this.#keep(keys);
      throw error;
    }
  }

  /** The marker is published once all that it speaks of is durable. Resolves with how long the packing took, in milliseconds. */
  async #write(changes: SnapshotChanges): Promise<number> {
    const { clock, assignment } = this.#options;
    const batches = snapshotBatches(assignment.partition, changes);
    const waiting: BusRecord[] = [];
    let last: BusRecord[] = [];
    let packingMs = 0;
    for (;;) {
      const beganMs = clock.nowMs();
      const packed = batches.next();
      packingMs += clock.nowMs() - beganMs;
      if (packed.done === true) break;
      waiting.push(...last);
      last = packed.value;
      if (waiting.length >= recordsPerPublication) await this.#publishRecords(waiting.splice(0));
      await eventLoopTurn("bulk");
    }
    await this.#publishRecords(waiting);
    await this.#publishRecords(last);
    return packingMs;
  }

  async #publishRecords(records: readonly BusRecord[]): Promise<void> {
    const { bus, assignment } = this.#options;
    if (records.length > 0 && !assignment.signal.aborted) await bus.publish(topic.runSnapshots, records);
  }

  async #isAllStored({ offsets }: SnapshotMarker): Promise<boolean> {
    const { writer } = this.#options;
    const stored = await Promise.all(
      Object.entries(offsets).map(([name, offset]) => writer.storedBelow(name, offset)),
    );
    return !stored.includes(false) && (await writer.proveOwnership());
  }

  #keep(keys: readonly string[]): void {
    for (const key of keys) this.#changed.add(key);
  }
}
