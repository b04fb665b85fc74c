import type { Bus, ReceivedRecord, Tail } from "@plumbline/bus";
import { directiveSchema, runKey, runOfAffinity, signedDirectiveSchema, topic } from "@plumbline/contracts";

/*
 * Owns: what the log tells of runs sooner than the tables, by their exact id: that they exist, that they are killed.
 * Does not own: prefixes, aliases, and runs that the log no longer tells of (resolve-run).
 */

export interface KnownRuns {
  start(): Promise<void>;
  /** False proves nothing: an older run may stand in the tables alone. */
  has(runKey: string): boolean;
  /** Whether the control state says that it is killed, and that is final. */
  isKilled(runKey: string): boolean;
  close(): Promise<void>;
}

/** The latest; of older ones the tables are asked. */
const rememberedRuns = 200_000;

function isKilled(value: Uint8Array): boolean {
  try {
    const signed = signedDirectiveSchema.parse(JSON.parse(Buffer.from(value).toString("utf8")));
    return directiveSchema.parse(JSON.parse(signed.payload)).desired === "killed";
  } catch {
    return false;
  }
}

export function createKnownRuns(bus: Bus): KnownRuns {
  const known = new Set<string>();
  const killed = new Set<string>();
  const tails: Tail[] = [];

  function remember(key: string): void {
    known.add(key);
    if (known.size <= rememberedRuns) return;
    for (const oldest of known) {
      known.delete(oldest);
      return;
    }
  }

  function takeDirective({ key, value }: ReceivedRecord): void {
    if (key === null || value.byteLength === 0) return;
    remember(key);
    if (isKilled(value)) killed.add(key);
  }

  function takeAffinity({ key, value }: ReceivedRecord): void {
    const run = key === null ? undefined : runOfAffinity(key, value);
    if (run !== undefined) remember(runKey(run.tenantId, run.runId));
  }

  return {
    async start() {
      tails.push(
        await bus.tail({ topic: topic.controlState, from: "beginning", onRecord: takeDirective }),
        await bus.tail({ topic: topic.traceAffinity, from: "beginning", onRecord: takeAffinity }),
      );
    },
    has: (key) => known.has(key),
    isKilled: (key) => killed.has(key),
    close: async () => void (await Promise.all(tails.map((tail) => tail.close()))),
  };
}
