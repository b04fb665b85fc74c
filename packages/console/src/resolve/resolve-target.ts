import { isPlumblineError, type RunSummary, type TenantId } from "@plumbline/contracts";
import type { RunQueries } from "@plumbline/store";
import { resolveRun } from "./resolve-run.ts";

/** The run that a command is for. */
export interface CommandTarget {
  tenantId: TenantId;
  runId: string;
  /** What the tables know of it; undefined while they can't be read. */
  run: RunSummary | undefined;
}

/**
 * As {@link resolveRun}, but a person can hold a run while the tables are away: the text is then its whole id, unchecked.
 * @throws RejectedError `RUN_UNKNOWN`, `RUN_AMBIGUOUS`
 */
export async function resolveTarget(
  queries: RunQueries,
  tenantId: TenantId,
  text: string,
): Promise<CommandTarget> {
  try {
    const run = await resolveRun(queries, tenantId, text);
    return { tenantId, runId: run.runId, run };
  } catch (error) {
    if (isPlumblineError(error) && error.nextMove !== "retry") throw error;
    return { tenantId, runId: text, run: undefined };
  }
}
