import type { DistributedStack } from "./distributed-stack.ts";

/** Something that must hold of the tables after the demo. */
export interface RowCheck {
  name: string;
  holds: boolean;
  detail: string;
}

/** One row with `Count` and `Wrong` each: how many were looked at, and how many are not as they must be. */
const questions = {
  "every run has its summary":
    "SELECT count() AS Count, 8 - least(8, count()) AS Wrong FROM plumbline.runs FINAL WHERE RunId LIKE 'demo-%'",
  "every call is a step, once": `
    SELECT count() AS Count, countIf(Steps != Calls) AS Wrong
    FROM (SELECT RunId, ModelCalls + ToolCalls AS Calls FROM plumbline.runs FINAL WHERE RunId LIKE 'demo-%') AS r
    LEFT JOIN (SELECT RunId, countIf(NOT Retracted) AS Steps FROM plumbline.steps FINAL GROUP BY RunId) AS s USING (RunId)`,
  "every step that the agents reported is there, once": `
    SELECT count() AS Count, countIf(Reported != 1 OR Steps != 1) AS Wrong
    FROM (SELECT RunId, SpanId, count() AS Reported FROM plumbline.otel_logs
          WHERE EventName = 'plumbline.step.end' AND RunId LIKE 'demo-%' GROUP BY RunId, SpanId) AS l
    LEFT JOIN (SELECT RunId, SpanId, countIf(NOT Retracted) AS Steps FROM plumbline.steps FINAL GROUP BY RunId, SpanId) AS s
    USING (RunId, SpanId)`,
  "every span is stored once":
    "SELECT count() AS Count, countIf(Times != 1) AS Wrong FROM (SELECT TraceId, SpanId, count() AS Times FROM plumbline.otel_traces GROUP BY TraceId, SpanId)",
  "every finding has its span": `
    SELECT count() AS Count, countIf(Spans != 1) AS Wrong FROM (SELECT FindingId FROM plumbline.findings FINAL WHERE TraceId != '') AS f
    LEFT JOIN (SELECT SpanAttributes['plumbline.finding.id'] AS FindingId, count() AS Spans FROM plumbline.otel_traces GROUP BY FindingId) AS t
    USING (FindingId)`,
  "no run has two findings of one episode":
    "SELECT count() AS Count, countIf(Times != 1) AS Wrong FROM (SELECT RunId, Kind, FirstSequence, count() AS Times FROM plumbline.findings FINAL WHERE DetectorVersion NOT LIKE 'agent:%' GROUP BY RunId, Kind, FirstSequence)",
  "every kill was obeyed, once": `
    SELECT count() AS Count, countIf(Applied != 1) AS Wrong
    FROM (SELECT RunId, min(Generation) AS Generation FROM plumbline.directives FINAL WHERE Desired = 'killed' GROUP BY RunId) AS d
    LEFT JOIN (SELECT RunId, Generation, count() AS Applied FROM plumbline.acks FINAL
               WHERE SubjectKind = 'directive' AND Phase = 'applied' GROUP BY RunId, Generation) AS a
    USING (RunId, Generation)`,
} as const;

/** Asks the tables what must hold after the demo. */
export async function checkRows(stack: DistributedStack): Promise<RowCheck[]> {
  const checks: RowCheck[] = [];
  for (const [name, sql] of Object.entries(questions)) {
    const [row] = await stack.readStore<{ Count: string; Wrong: string }>(sql);
    const [count, wrong] = [Number(row?.Count ?? 0), Number(row?.Wrong ?? 1)];
    checks.push({
      name,
      holds: count > 0 && wrong === 0,
      detail: `${String(count)}, ${String(wrong)} wrong`,
    });
  }
  return checks;
}

export function formatChecks(checks: readonly RowCheck[]): string {
  return checks
    .map(({ name, holds, detail }) => `  ${holds ? "holds" : "DOES NOT HOLD"}  ${name}: ${detail}`)
    .join("\n");
}
