import type { Clock, Finding, RunSummary, Score, Step, TenantId, WatchEvent } from "@plumbline/contracts";
import type { RunQueries } from "@plumbline/store";

export interface WatchOptions {
  queries: RunQueries;
  clock: Clock;
  tenantId: TenantId;
  /** One run with its steps and scores; null watches all runs and findings. */
  runId: string | null;
  intervalMs: number;
  signal: AbortSignal;
}

const watchedRuns = 200;
const watchedFindings = 500;
/** How old a finding may be to be told, or told again when it was revised. */
const lookBackMs = 600_000;

/** Lets only through what the look before did not have, or had with a lower revision; remembers no more than one look. */
class Novelty {
  #before = new Map<string, number>();
  #now = new Map<string, number>();

  nextLook(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  isNew(id: string, revision: number): boolean {
    this.#now.set(id, revision);
    const known = this.#before.get(id);
    return known === undefined || known < revision;
  }
}

interface Look {
  runs: RunSummary[];
  findings: Finding[];
  steps: Step[];
  scores: Score[];
}

async function lookAtAll(options: WatchOptions): Promise<Look> {
  const { queries, tenantId, clock } = options;
  const sinceMs = clock.nowMs() - lookBackMs;
  const runs = await queries.listRuns({ tenantId, status: null, limit: watchedRuns });
  const findings = await queries.findingsSince({ tenantId, sinceMs, limit: watchedFindings });
  return { runs, findings, steps: [], scores: [] };
}

/** Reads the whole run each time: its rows arrive in any order, a summary before its steps too. */
async function lookAtRun(options: WatchOptions, runId: string): Promise<Look> {
  const { queries, tenantId } = options;
  const run = { tenantId, runId };
  const [runs, findings, steps, scores] = await Promise.all([
    queries.findRuns({ tenantId, prefix: runId, limit: 1 }),
    queries.findings(run),
    queries.steps(run),
    queries.scores(run),
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
  while (!signal.aborted) {
    const look = runId === null ? await lookAtAll(options) : await lookAtRun(options, runId);
    known.nextLook();
    yield* newIn(look, known);
    await clock.sleep(intervalMs, signal).catch(() => undefined);
  }
}
