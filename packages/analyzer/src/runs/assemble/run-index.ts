import { createObjectNotes } from "@plumbline/contracts";
import type { EmittedStep, RunAssembly, StepRecord } from "./assembly-state.ts";
import { keysOf } from "./record-keys.ts";

/*
 * Owns: finding the records and the emitted steps of a run by their names.
 * Does not own: the lists themselves. What is known here follows from a list alone: one that nothing is known of, because
 * it was read from a snapshot, say, is gone through once.
 */

type Records = RunAssembly["records"];
type Emitted = RunAssembly["emitted"];

/** The names of one list. It moves on to the list that follows, so that each list need not be gone through anew. */
class ListIndex<Item extends object> {
  readonly #positions = createObjectNotes<readonly Item[], Map<string, number>>();
  readonly #nameOf: (item: Item) => string;

  constructor(nameOf: (item: Item) => string) {
    this.#nameOf = nameOf;
  }

  find(list: readonly Item[], name: string): Item | undefined {
    const position = this.#of(list).get(name);
    return position === undefined ? undefined : list[position];
  }

  /** The list with the items put in the places of those with the same names, and behind the others. */
  with(list: readonly Item[], items: readonly Item[]): readonly Item[] {
    if (items.length === 0) return list;
    const positions = this.#of(list);
    this.#positions.delete(list);
    const next = [...list];
    for (const item of items) {
      const name = this.#nameOf(item);
      const position = positions.get(name);
      if (position === undefined) positions.set(name, next.push(item) - 1);
      else next[position] = item;
    }
    this.#positions.set(next, positions);
    return next;
  }

  #of(list: readonly Item[]): Map<string, number> {
    let positions = this.#positions.get(list);
    if (positions === undefined) {
      positions = new Map();
      for (const [position, item] of list.entries()) positions.set(this.#nameOf(item), position);
      this.#positions.set(list, positions);
    }
    return positions;
  }
}

const recordIndex = new ListIndex<StepRecord>((record) => keysOf(record).key);
const emittedIndex = new ListIndex<EmittedStep>(({ stepId }) => stepId);

export const recordOf = (records: Records, key: string): StepRecord | undefined =>
  recordIndex.find(records, key);
export const withRecords = (records: Records, changed: readonly StepRecord[]): Records =>
  recordIndex.with(records, changed);
export const emittedOf = (emitted: Emitted, stepId: string): EmittedStep | undefined =>
  emittedIndex.find(emitted, stepId);
export const withEmitted = (emitted: Emitted, told: readonly EmittedStep[]): Emitted =>
  emittedIndex.with(emitted, told);
