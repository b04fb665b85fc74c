import { RetryLimitError } from "../errors.ts";
import type { RunRecord } from "../run/run-record.ts";

export interface RetryLimits {
  perRun: number;
  perTool: number;
}

/** How often the tools of a run, its children included, were tried again. */
export class RetryTally {
  private total = 0;
  private readonly byTool = new Map<string, number>();

  /** What one more retry would break; undefined when it may be made. */
  brokenBy(toolName: string, { perRun, perTool }: RetryLimits): string | undefined {
    if (this.total >= perRun) return `the run used up its ${String(perRun)} retries`;
    const ofTool = this.byTool.get(toolName) ?? 0;
    return ofTool >= perTool ? `${toolName} used up its ${String(perTool)} retries of the run` : undefined;
  }

  add(toolName: string): void {
    this.total += 1;
    this.byTool.set(toolName, (this.byTool.get(toolName) ?? 0) + 1);
  }
}

/** Takes one retry out of the budgets of a run and those above it; the error when one of them has none left. */
export function takeRetry(
  run: RunRecord,
  toolName: string,
  limits: RetryLimits,
): RetryLimitError | undefined {
  const lineage = run.lineage();
  for (const one of lineage) {
    const why = one.retries.brokenBy(toolName, limits);
    if (why !== undefined) return new RetryLimitError(one.runId, why);
  }
  for (const one of lineage) one.retries.add(toolName);
  return undefined;
}
