import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { RunState } from "./run-state.ts";

/*
 * Owns: the runs of a partition in memory: those in work as they are, those at rest packed.
 * Does not own: what a state means (fold-run), writing states down (snapshot-writer).
 *
 * I1  Packing changes nothing: what is taken out equals what was put in.
 */

interface Entry {
  held: RunState | Uint8Array;
  /** Timers before then change nothing; 0 when that is not known. */
  quietUntilMs: number;
  /** Whether it was put in since the last sweep. */
  isFresh: boolean;
}

/** Runs packed or looked at in one piece of work. */
const runsPerTurn = 16;
const fastest = 1;

/** A buffer of its own size: what the compressor gives back keeps its whole working space in memory. */
const packed = (state: RunState): Uint8Array =>
  new Uint8Array(deflateRawSync(JSON.stringify(state), { level: fastest }));

function stateOf({ held }: Entry): RunState {
  return held instanceof Uint8Array ? (JSON.parse(inflateRawSync(held).toString("utf8")) as RunState) : held;
}

/** Many runs are live and few of them are at work at any moment: a run at rest takes a fifth of the memory. */
export class RunTable {
  readonly #entries = new Map<string, Entry>();

  constructor(states: Iterable<[string, RunState]>) {
    for (const [key, state] of states) this.set(key, state);
  }

  get size(): number {
    return this.#entries.size;
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  get(key: string): RunState | undefined {
    const entry = this.#entries.get(key);
    return entry === undefined ? undefined : stateOf(entry);
  }

  set(key: string, state: RunState): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, { held: state, quietUntilMs: 0, isFresh: true });
    else Object.assign(entry, { held: state, quietUntilMs: 0, isFresh: true });
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
    for (const [key, entry] of this.#entries) if (entry.quietUntilMs <= nowMs) yield [key, stateOf(entry)];
  }

  /** Packs the runs that were not put in since the last sweep; `nextTurn` lets other work go between. */
  async packResting(nextTurn: () => Promise<void>): Promise<void> {
    let packedInTurn = 0;
    for (const entry of this.#entries.values()) {
      const { held, isFresh } = entry;
      entry.isFresh = false;
      if (isFresh || held instanceof Uint8Array) continue;
      entry.held = packed(held);
      packedInTurn = (packedInTurn + 1) % runsPerTurn;
      if (packedInTurn === 0) await nextTurn();
    }
  }
}
