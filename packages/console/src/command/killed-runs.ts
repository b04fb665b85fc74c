import type { Bus, Tail } from "@plumbline/bus";
import { directiveSchema, signedDirectiveSchema, topic } from "@plumbline/contracts";

/** Which runs are killed for good, as the control state says: known sooner than the store knows it. */
export interface KilledRuns {
  start(): Promise<void>;
  has(runKey: string): boolean;
  close(): Promise<void>;
}

function isKilled(value: Uint8Array): boolean {
  try {
    const signed = signedDirectiveSchema.parse(JSON.parse(Buffer.from(value).toString("utf8")));
    return directiveSchema.parse(JSON.parse(signed.payload)).desired === "killed";
  } catch {
    return false;
  }
}

export function createKilledRuns(bus: Bus): KilledRuns {
  const killed = new Set<string>();
  let tail: Tail | undefined;
  return {
    async start() {
      tail = await bus.tail({
        topic: topic.controlState,
        from: "beginning",
        onRecord: ({ key, value }) => {
          if (key !== null && isKilled(value)) killed.add(key);
        },
      });
    },
    has: (runKey) => killed.has(runKey),
    close: async () => tail?.close(),
  };
}
