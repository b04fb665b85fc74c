import {
  type CommandRequest,
  type RunSummary,
  type TenantId,
  isPlumblineError,
  runKey,
} from "@plumbline/contracts";
import type { RunQueries } from "@plumbline/store";
import type { KnownRuns } from "./known-runs.ts";
import { resolveRun } from "./resolve-run.ts";

/** The run that a command is for. */
export interface CommandTarget {
  tenantId: TenantId;
  runId: string;
  /** What the tables know of it; undefined while they can't be read, and when the command did not wait for them. */
  run: RunSummary | undefined;
  /** Null while the tables can't tell. */
  isGateConnected(): Promise<boolean | null>;
}

/** What a person means by a command. */
export interface CommandWish {
  tenantId: TenantId;
  /** The run's id, alias, or the beginning of its id. */
  text: string;
  verb: CommandRequest["verb"];
}

interface RunSources {
  queries: RunQueries;
  knownRuns: KnownRuns;
}

function unread(error: unknown): undefined {
  if (isPlumblineError(error) && error.nextMove !== "retry") throw error;
  return undefined;
}

const isConnected = (run: RunSummary | undefined): boolean | null =>
  run === undefined ? null : run.gate === "connected";

/** What stops a run is not to wait until the tables have told what the log told already. */
function heldAtOnce({ queries, knownRuns }: RunSources, wish: CommandWish): CommandTarget | undefined {
  const { tenantId, text, verb } = wish;
  const isHold = verb === "pause" || verb === "kill";
  if (!isHold || !knownRuns.has(runKey(tenantId, text))) return undefined;
  return {
    tenantId,
    runId: text,
    run: undefined,
    async isGateConnected() {
      const found = await queries.findRuns({ tenantId, prefix: text, limit: 1 }).catch(unread);
      return isConnected(found?.find(({ runId }) => runId === text));
    },
  };
}

/**
 * As {@link resolveRun}, but a person can hold a run while the tables are away: the text is then its whole id, unchecked.
 * @throws RejectedError `RUN_UNKNOWN`, `RUN_AMBIGUOUS`
 */
export async function resolveTarget(sources: RunSources, wish: CommandWish): Promise<CommandTarget> {
  const held = heldAtOnce(sources, wish);
  if (held !== undefined) return held;
  const { tenantId, text } = wish;
  const run = await resolveRun(sources.queries, tenantId, text).catch(unread);
  const isGateConnected = (): Promise<boolean | null> => Promise.resolve(isConnected(run));
  return { tenantId, runId: run?.runId ?? text, run, isGateConnected };
}
