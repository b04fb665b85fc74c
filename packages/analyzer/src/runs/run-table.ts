import { type HeldRun, packedForm, stateOfForm, runsPerTurn } from "./held-run.ts";
import type { RunState } from "./run-state.ts";

/*
 * Owns: the runs of a partition in memory: those at work as they are, those at rest packed.
 * Does not own: what a state means (fold-run), writing states down (snapshot-writer).
 */

interface Entry extends HeldRun {
  /** Whether it was put in since the last sweep. */
  isFresh: boolean;
}

/** As long as so few are at work, a run that was left alone for one to two rests is packed; of more, at the next call. */
const roomyRuns = 400;
const restMs = 5_000;

/** Many runs are live and few of them are at work at any moment: a run at rest takes a fifth of the memory. */
export class RunTable {
  readonly #entries = new Map<string, Entry>();
  readonly #onUnreadable: (key: string, error: unknown) => void;
  #packAtMs = 0;

  /** @param onUnreadable told of a run that can't be unpacked; it is left out from then on, and begins anew */
  constructor(runs: Iterable<[string, HeldRun]>, onUnreadable: (key: string, error: unknown) => void) {
    this.#onUnreadable = onUnreadable;
    for (const [key, run] of runs) this.#entries.set(key, { ...run, isFresh: true });
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): RunState | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : this.#stateOf(key, entry);
  }

  /** The run as it is held. Forms are never changed in place: what is done with one later is done with the run of now. */
  heldOf(key: string): HeldRun | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : { form: entry.form, quietUntilMs: entry.quietUntilMs };
  }

  set(key: string, state: RunState): void {
    const entry: Entry = { form: state, quietUntilMs: 0, isFresh: true };
    const known = this.#entries.get(key);
    if (known === undefined) this.#entries.set(key, entry);
    else Object.assign(known, entry);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Timers before then change nothing about the run as it is now. */
  leaveUntil(key: string, quietUntilMs: number): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.quietUntilMs = quietUntilMs;
  }

  /** The runs that a timer may change. */
  *dueAt(nowMs: number): Generator<[key: string, state: RunState]> {
    for (const [key, entry] of this.#entries) {
      const state = entry.quietUntilMs <= nowMs ? this.#stateOf(key, entry) : undefined;
      if (state !== undefined) yield [key, state];
    }
  }

  /** To be called every second or so: the more runs are at work, the less long one is kept as it is. */
  async packInTime(nowMs: number, nextTurn: () => Promise<void>): Promise<void> {
    if (nowMs < this.#packAtMs && this.#countUnpacked() <= roomyRuns) return;
    this.#packAtMs = nowMs + restMs;
    await this.packResting(nextTurn);
  }

  /** Packs the runs that were not put in since the last sweep; `nextTurn` lets other work go between. */
  async packResting(nextTurn: () => Promise<void>): Promise<void> {
    let packedInTurn = 0;
    for (const entry of this.#entries.values()) {
      const { form, isFresh } = entry;
      entry.isFresh = false;
      if (isFresh || form instanceof Uint8Array) continue;
      entry.form = packedForm(form);
      packedInTurn = (packedInTurn + 1) % runsPerTurn;
      if (packedInTurn === 0) await nextTurn();
    }
  }

  #countUnpacked(): number {
    let count = 0;
    for (const { form } of this.#entries.values()) if (!(form instanceof Uint8Array)) count += 1;
    return count;
  }

  #stateOf(key: string, { form }: Entry): RunState | undefined {
    try {
      return stateOfForm(form);
    } catch (error) {
      this.#entries.delete(key);
      this.#onUnreadable(key, error);
      return undefined;
    }
  }
}
