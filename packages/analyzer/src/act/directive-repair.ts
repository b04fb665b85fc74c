import type { Bus } from "@plumbline/bus";
import { type Directive, type SignedDirective, topic } from "@plumbline/contracts";

/*
 * Owns: that what control state holds last of a run is what the run's owner published last.
 * Does not own: what that is (fold), publishing it (publisher).
 *
 * An owner that slept through its session may wake up and publish what it had in hand, behind its successor's newer
 * directive. Agents and gateways that are there keep the higher generation; one that starts after the topic was compacted
 * could not tell. So the owner that is follows the topic, and publishes its directive again where an older one came last.
 */

/** Generations of directives as they come to stand in control state. */
export interface ControlStateFollower {
  /** @returns ends it */
  follow(partition: number, onDirective: (key: string, generation: number) => void): () => void;
  close(): Promise<void>;
}

const decoder = new TextDecoder();

/** What can't be read is older than everything. */
function generationOf(value: Uint8Array): number {
  try {
    const { payload } = JSON.parse(decoder.decode(value)) as SignedDirective;
    return (JSON.parse(payload) as Directive).generation;
  } catch {
    return -1;
  }
}

/** Reads control state from now on, once for all partitions of this process. */
export async function followControlState(bus: Bus): Promise<ControlStateFollower> {
  const followers = new Map<number, (key: string, generation: number) => void>();
  const tail = await bus.tail({
    topic: topic.controlState,
    from: "now",
    onRecord: ({ partition, key, value }) => {
      if (key !== null && value.byteLength > 0) followers.get(partition)?.(key, generationOf(value));
    },
  });
  return {
    follow(partition, onDirective) {
      followers.set(partition, onDirective);
      return () => {
        if (followers.get(partition) === onDirective) followers.delete(partition);
      };
    },
    close: () => tail.close(),
  };
}

/** Notices runs of one partition of which control state holds an older directive. */
export class DirectiveRepair {
  readonly #current: (key: string) => Directive | undefined;
  /** With the number of looks that each has been behind for. */
  readonly #behind = new Map<string, number>();

  /** @param current directive of a run, as its owner has it */
  constructor(current: (key: string) => Directive | undefined) {
    this.#current = current;
  }

  /** A directive has come to stand last of its run. */
  seen(key: string, generation: number): void {
    const current = this.#current(key);
    if (current !== undefined && generation < current.generation) this.#behind.set(key, 0);
    else this.#behind.delete(key);
  }

  /** What to publish again: of the runs that were behind at the last look already, for a newer one may be on its way. */
  due(): Directive[] {
    const directives: Directive[] = [];
    for (const [key, looks] of this.#behind) {
      const current = this.#current(key);
      this.#behind.set(key, looks + 1);
      if (looks > 0 && current !== undefined) directives.push(current);
    }
    return directives;
  }
}
