import type { Clock, Finding, RunSummary, Score, Step, TenantId, WatchEvent } from "@plumbline/contracts";
import type { RunReader } from "../read/run-reader.ts";

export interface WatchOptions {
  reader: RunReader;
  clock: Clock;
  tenantId: TenantId;
  /** One run with its steps and scores; null watches all runs and findings. */
  runId: string | null;
  intervalMs: number;
  signal: AbortSignal;
}

const watchedRuns = 200;
const watchedFindings = 500;
/** Findings this much older than the watch are still told at its beginning. */
const lookBackMs = 60_000;

/** Lets only through what is new or has a higher revision than before. */
class Novelty {
  readonly #revisions = new Map<string, number>();

  isNew(id: string, revision: number): boolean {
    const known = this.#revisions.get(id);
    if (known !== undefined && known >= revision) return false;
    this.#revisions.set(id, revision);
    return true;
  }
}

interface Look {
  runs: RunSummary[];
  findings: Finding[];
  steps: Step[];
  scores: Score[];
}

async function lookAtAll(options: WatchOptions, sinceMs: number): Promise<Look> {
  const { reader, tenantId } = options;
  const runs = await reader.listRuns({ tenantId, status: null, limit: watchedRuns });
  const findings = await reader.findingsSince({ tenantId, sinceMs, limit: watchedFindings });
  return { runs, findings, steps: [], scores: [] };
}

/** Reads the whole run each time: its rows arrive in any order, a summary before its steps too. */
async function lookAtRun(options: WatchOptions, runId: string): Promise<Look> {
  const { reader, tenantId } = options;
  const run = { tenantId, runId };
  const [runs, findings, steps, scores] = await Promise.all([
    reader.findRuns({ tenantId, prefix: runId, limit: 1 }),
    reader.findings(run),
    reader.steps(run),
    reader.scores(run),
  ]);
  return { runs, findings, steps, scores };
}

function* newIn(look: Look, known: Novelty): Generator<WatchEvent> {
  for (const step of look.steps) {
    if (known.isNew(`step ${step.stepId}`, step.revision)) yield { type: "step", step };
  }
  for (const score of look.scores) {
    if (known.isNew(`score ${score.stepId} ${score.name}`, score.revision)) yield { type: "score", score };
  }
  for (const finding of look.findings) {
    if (known.isNew(`finding ${finding.findingId}`, finding.revision)) yield { type: "finding", finding };
  }
  for (const run of look.runs.toReversed()) {
    if (known.isNew(`run ${run.runId}`, run.revision)) yield { type: "run", run };
  }
}

/**
 * What is there now, then what changes: looks at the store at every interval, so that a change shows within the interval
 * after its row is in. Ends when the signal aborts.
 */
export async function* watchChanges(options: WatchOptions): AsyncGenerator<WatchEvent> {
  const { clock, runId, intervalMs, signal } = options;
  const known = new Novelty();
  const sinceMs = clock.nowMs() - lookBackMs;
  while (!signal.aborted) {
    const look = runId === null ? await lookAtAll(options, sinceMs) : await lookAtRun(options, runId);
    yield* newIn(look, known);
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}
