import { RunTakenOverError } from "../errors.ts";
import type { CheckpointStore, RunReference, StoredRun } from "./checkpoint-store.ts";

const keyOf = ({ tenantId, runId }: RunReference): string => `${tenantId}/${runId}`;

/** For processes without a writable directory: runs live as long as the process, which is their only owner. */
export function createMemoryCheckpointStore(): CheckpointStore {
  const runs = new Map<string, StoredRun & RunReference>();
  return {
    append(run, { head, transition, state }) {
      const before = runs.get(keyOf(run));
      const transitions = before?.transitions ?? [];
      if (transition.sequence !== transitions.length + 1)
        return Promise.reject(new RunTakenOverError(run.runId));
      const kept = state === undefined ? (before?.state ?? null) : state;
      runs.set(keyOf(run), { ...run, head, state: kept, transitions: [...transitions, transition] });
      return Promise.resolve();
    },
    load: (run) => Promise.resolve(runs.get(keyOf(run))),
    claim: (run) => Promise.resolve(runs.has(keyOf(run))),
    list(tenantId) {
      const open = [...runs.values()].filter(
        (run) => run.tenantId === tenantId && (run.head.status === "live" || run.head.status === "stopped"),
      );
      const sorted = open.toSorted((a, b) => b.head.updatedAtMs - a.head.updatedAtMs);
      return Promise.resolve(sorted.map(({ runId, head }) => ({ tenantId, runId, head, inUse: false })));
    },
    close: () => undefined,
  };
}
