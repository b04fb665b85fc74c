import type { Clock, RunSummary } from "@plumbline/contracts";
import type { OperatorClient } from "../api/operator-client.ts";

/** Where the demo's runs stand, read with one request for all of them. */
export interface RunBoard {
  get(runId: string): RunSummary | undefined;
  refresh(): Promise<void>;
  /** Resolves once the run is as wanted. */
  until(runId: string, holds: (run: RunSummary) => boolean, signal: AbortSignal): Promise<void>;
}

const lookEveryMs = 50;
const listed = 100;

export function createRunBoard(client: OperatorClient, clock: Clock): RunBoard {
  const runs = new Map<string, RunSummary>();
  return {
    get: (runId) => runs.get(runId),
    async refresh() {
      const list = await client.runs({ limit: listed });
      for (const run of list.runs) runs.set(run.runId, run);
    },
    async until(runId, holds, signal) {
      for (;;) {
        const run = runs.get(runId);
        if (run !== undefined && holds(run)) return;
        await clock.sleep(lookEveryMs, signal);
      }
    },
  };
}
