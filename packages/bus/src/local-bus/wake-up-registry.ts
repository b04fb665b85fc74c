import type { WakeUp } from "../delivery/wake-up.ts";
import type { PartitionPlace } from "./record-log.ts";

const placeKey = ({ topic, partition }: PartitionPlace): string => `${topic}\n${String(partition)}`;

/** Who is to be woken by new records of a partition. */
export class WakeUpRegistry {
  readonly #byPartition = new Map<string, Set<WakeUp>>();

  /** Returns the function that takes it out again. */
  add(place: PartitionPlace, wakeUp: WakeUp): () => void {
    const key = placeKey(place);
    const waiting = this.#byPartition.get(key) ?? new Set();
    this.#byPartition.set(key, waiting);
    waiting.add(wakeUp);
    return () => {
      waiting.delete(wakeUp);
    };
  }

  raise(place: PartitionPlace): void {
    for (const wakeUp of this.#byPartition.get(placeKey(place)) ?? []) wakeUp.raise();
  }
}
