import type { Bus, BusRecord } from "@plumbline/bus";
import { topic } from "@plumbline/contracts";
import type { AffinityDecision } from "./affinity/affinity.ts";

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The choices that earlier owners of the partition made, so that a trace never changes its run. */
export async function loadDecisions(bus: Bus, partition: number): Promise<AffinityDecision[]> {
  const latest = new Map<string, string>();
  const tail = await bus.tail({
    topic: topic.traceAffinity,
    partitions: [partition],
    from: "beginning",
    onRecord: ({ key, value }) => {
      if (key === null) return;
      if (value.byteLength === 0) latest.delete(key);
      else latest.set(key, decoder.decode(value));
    },
  });
  await tail.caughtUp;
  await tail.close();
  return [...latest].map(([key, runId]) => ({ key, runId }));
}

/** An empty run id removes the key from the compacted topic. */
export function decisionRecords(decisions: readonly AffinityDecision[], partition: number): BusRecord[] {
  return decisions.map(({ key, runId }) => ({ key, value: encoder.encode(runId), partition }));
}
