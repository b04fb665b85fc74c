import type { Clock } from "@plumbline/contracts";
import type { DirectiveHub, Subscriber } from "./directive-hub.ts";
import type { DirectiveTable } from "./directive-table.ts";

export interface PollOptions {
  table: DirectiveTable;
  hub: DirectiveHub;
  clock: Clock;
  /** The generation that the agent has, by run key. */
  known: ReadonlyMap<string, number>;
  waitMs: number;
  /** Aborts when the client goes away. */
  signal: AbortSignal;
}

function newerThanKnown({ table, known }: PollOptions): string[] {
  const newer: string[] = [];
  for (const [key, generation] of known) {
    const directive = table.get(key);
    if (directive !== undefined && directive.generation > generation) newer.push(directive.json);
  }
  return newer;
}

/** SignedDirectives as JSON, as soon as one is newer than the agent's; none when the time is over. */
export async function pollDirectives(options: PollOptions): Promise<string[]> {
  const { hub, clock, known, waitMs, signal } = options;
  const immediate = newerThanKnown(options);
  if (immediate.length > 0 || waitMs === 0) return immediate;
  const woken = new AbortController();
  const wake = (): void => woken.abort();
  const subscriber: Subscriber = { keys: [...known.keys()], changed: wake, tick: () => undefined, end: wake };
  hub.add(subscriber);
  try {
    await clock.sleep(waitMs, AbortSignal.any([signal, woken.signal])).catch(() => undefined);
    return newerThanKnown(options);
  } finally {
    hub.remove(subscriber);
  }
}
