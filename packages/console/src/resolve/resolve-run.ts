import { RejectedError, type RunSummary, type TenantId } from "@plumbline/contracts";
import type { RunQueries } from "@plumbline/store";
import { nearMatches } from "./near-matches.ts";

const recentRuns = 200;
const listed = 5;

const isExactly = (run: RunSummary, text: string): boolean =>
  run.runId === text || run.aliases.includes(text);

async function unknown(queries: RunQueries, tenantId: TenantId, text: string): Promise<RejectedError> {
  const recent = await queries.listRuns({ tenantId, status: null, limit: recentRuns });
  const near = nearMatches(
    text,
    recent.map((run) => run.runId),
  );
  return new RejectedError(`No run is called "${text}".`, {
    code: "RUN_UNKNOWN",
    mend: near.length === 0 ? "'plumbline runs' lists them." : `Did you mean ${near.join(" or ")}?`,
  });
}

/**
 * The run that a person means: by id, alias, or unique prefix of its id.
 * @throws RejectedError `RUN_UNKNOWN` with near matches, `RUN_AMBIGUOUS` with the candidates
 */
export async function resolveRun(queries: RunQueries, tenantId: TenantId, text: string): Promise<RunSummary> {
  const found = text === "" ? [] : await queries.findRuns({ tenantId, prefix: text, limit: listed + 1 });
  const exact = found.find((run) => isExactly(run, text));
  const [first, second] = found;
  if (exact !== undefined) return exact;
  if (first === undefined) throw await unknown(queries, tenantId, text);
  if (second === undefined) return first;
  const ids = found.slice(0, listed).map((run) => run.runId);
  throw new RejectedError(
    `More than one run begins with "${text}": ${ids.join(", ")}${found.length > listed ? ", …" : ""}.`,
    {
      code: "RUN_AMBIGUOUS",
      mend: "Give more of its id.",
    },
  );
}
