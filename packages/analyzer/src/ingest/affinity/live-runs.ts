import { BoundedMap } from "./bounded-map.ts";

const liveForMs = 60_000;
const maxProcesses = 10_000;
const maxRunsPerProcess = 8;

interface Sighting {
  tenantId: string;
  process: string;
  atMs: number;
}

/** Which runs a process has had lately. Times are those of the records, so that a replay sees the same. */
export class LiveRuns {
  readonly #processes = new BoundedMap<Map<string, number>>(maxProcesses);

  saw({ tenantId, process, runId, atMs }: Sighting & { runId: string }): void {
    const key = `${tenantId}/${process}`;
    let runs = this.#processes.get(key);
    if (runs === undefined) {
      runs = new Map();
      this.#processes.set(key, runs);
    }
    const before = runs.get(runId) ?? 0;
    runs.delete(runId);
    runs.set(runId, Math.max(before, atMs));
    const oldest = runs.keys().next().value;
    if (runs.size > maxRunsPerProcess && oldest !== undefined) runs.delete(oldest);
  }

  /** The run, if the process had exactly one around that time. */
  only({ tenantId, process, atMs }: Sighting): string | undefined {
    const runs = this.#processes.get(`${tenantId}/${process}`);
    if (runs === undefined) return undefined;
    const live = [...runs].filter(([, seenMs]) => Math.abs(atMs - seenMs) <= liveForMs);
    return live.length === 1 ? live[0]?.[0] : undefined;
  }
}
