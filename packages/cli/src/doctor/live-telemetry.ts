import { type LiveCheck, judgeLive } from "@plumbline/analyzer";
import type { OperatorClient } from "../api/operator-client.ts";
import { probeAgentName } from "./probe.ts";

/** Attributes that the OpenTelemetry SDKs keep on a span unless told otherwise. */
const attributeLimit = 128;
const maxAgents = 500;

const stepsOf = (minutes: number): string =>
  `SELECT * FROM steps FINAL WHERE NOT Retracted AND StartedAt >= now64(3) - INTERVAL ${String(minutes)} MINUTE AND AgentName != '${probeAgentName}'`;

/** One row per service and agent; the names are those of `judgeLive`. */
function figuresQuery(minutes: number): string {
  const steps = stepsOf(minutes);
  const gated = `SELECT RunId FROM (${steps}) WHERE Dialect = 'plumbline'`;
  const full = `SELECT ServiceName AS service, count() AS spans FROM otel_traces WHERE Timestamp >= now64(3) - INTERVAL ${String(minutes)} MINUTE AND length(mapKeys(SpanAttributes)) = ${String(attributeLimit)} GROUP BY service`;
  const bareText = "('', '[]', 'null')";
  return `SELECT s.Service AS service, s.AgentName AS agent,
    uniqExact(s.RunId) AS runs,
    uniqExactIf(s.RunId, match(s.RunId, '^[ht]-')) AS unnamedRuns,
    countIf(s.Kind = 'model') AS modelCalls,
    countIf(s.Kind = 'tool') AS toolCalls,
    countIf(s.Kind = 'model' AND s.State = 'ended' AND s.OutputMessages IN ${bareText} AND s.NewInputMessages IN ${bareText}) AS bareModelCalls,
    countIf(s.Kind = 'tool' AND s.State = 'ended' AND s.Outcome != 'error' AND s.ToolResult IS NULL AND s.ToolArguments IN ${bareText}) AS bareToolCalls,
    countIf(s.Kind = 'model' AND s.State = 'ended' AND s.Outcome != 'error' AND ifNull(s.InputTokens, 0) = 0) AS uncountedModelCalls,
    countIf(s.Kind = 'model' AND ifNull(s.UsageEstimated, false)) AS estimatedModelCalls,
    countIf(s.Kind = 'tool' AND s.Synthetic) AS syntheticToolCalls,
    uniqExactIf(s.RunId, s.RunId IN (${gated})) AS gatedRuns,
    countIf(s.Kind = 'model' AND s.Dialect != 'plumbline' AND s.RunId IN (${gated})) AS bypasses,
    any(ifNull(f.spans, 0)) AS fullSpans,
    groupUniqArray(s.Dialect) AS dialects
  FROM (${steps}) AS s LEFT JOIN (${full}) AS f ON f.service = s.Service
  GROUP BY service, agent ORDER BY service, agent LIMIT ${String(maxAgents)}`;
}

/** What the instrumentation of each agent of the last minutes lacks. */
export async function checkLive(client: OperatorClient, minutes: number): Promise<LiveCheck[]> {
  const { rows } = await client.sql(figuresQuery(minutes));
  return judgeLive(rows);
}

/** For people: each agent, what it lacks and how to mend it. */
export function formatLive(checks: readonly LiveCheck[]): string {
  if (checks.length === 0) return "Nothing was seen in that time.";
  return checks
    .map(({ service, agent, runs, calls, dialects, lacks }) => {
      const name = [service, agent].filter((part) => part !== "").join(" / ") || "(unnamed)";
      const head = `${name}: ${String(runs)} runs, ${String(calls)} calls, spoken as ${dialects.join(", ")}`;
      const rows = lacks.map(({ lack, seen, mend }) => `  LACKS  ${lack}: ${seen}\n         ${mend}`);
      return [head, ...(rows.length === 0 ? ["  Nothing is lacking."] : rows)].join("\n");
    })
    .join("\n");
}
