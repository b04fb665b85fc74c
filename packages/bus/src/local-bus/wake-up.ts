import type { PartitionPlace } from "./record-log.ts";

/** Remembers one call of {@link WakeUp.raise}, so that none is lost between looking and waiting. One waiter at a time. */
export class WakeUp {
  #raised = false;
  #release: (() => void) | undefined;

  raise(): void {
    this.#raised = true;
    this.#release?.();
  }

  async wait(): Promise<void> {
    if (!this.#raised) {
      await new Promise<void>((resolve) => {
        this.#release = resolve;
      });
    }
    this.#raised = false;
    this.#release = undefined;
  }
}

/** Who is to be woken by new records of a partition. */
export class WakeUpRegistry {
  readonly #byPartition = new Map<string, Set<WakeUp>>();

  /** Returns the function that takes it out again. */
  add(place: PartitionPlace, wakeUp: WakeUp): () => void {
    const key = placeKey(place);
    const waiting = this.#byPartition.get(key) ?? new Set();
    this.#byPartition.set(key, waiting);
    waiting.add(wakeUp);
    return () => waiting.delete(wakeUp);
  }

  raise(place: PartitionPlace): void {
    for (const wakeUp of this.#byPartition.get(placeKey(place)) ?? []) wakeUp.raise();
  }
}

const placeKey = ({ topic, partition }: PartitionPlace): string => `${topic}\n${String(partition)}`;

/** Lets timers and I/O run between two pieces of synchronous work. */
export function yieldToEventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
