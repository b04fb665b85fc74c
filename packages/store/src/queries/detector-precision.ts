import type { RunDetail } from "@plumbline/contracts";
import { databaseName } from "../rows/tables.ts";
import type { Store } from "../store.ts";

interface KindCounts {
  kind: string;
  right: string;
  falseAlarm: string;
}

const sql = `
  SELECT f.Kind AS kind, countIf(v.Verdict = 'right') AS right, countIf(v.Verdict = 'false-alarm') AS falseAlarm
  FROM ${databaseName}.findings AS f FINAL
  INNER JOIN (
    SELECT TenantId, FindingId, argMax(Verdict, GivenAt) AS Verdict
    FROM ${databaseName}.feedback FINAL
    WHERE TenantId = {tenantId:String}
    GROUP BY TenantId, FindingId
  ) AS v ON v.TenantId = f.TenantId AND v.FindingId = f.FindingId
  WHERE f.TenantId = {tenantId:String} AND f.RaisedAt >= fromUnixTimestamp64Milli({sinceMs:Int64})
  GROUP BY f.Kind`;

/** How many findings of each kind people called right and false; of each finding the last word counts. */
export async function detectorPrecision(
  store: Store,
  filter: { tenantId: string; sinceMs: number },
): Promise<RunDetail["precision"]> {
  const parameters = { tenantId: filter.tenantId, sinceMs: Math.trunc(filter.sinceMs) };
  const rows = await store.query<KindCounts>({ sql, parameters });
  return Object.fromEntries(
    rows.map(({ kind, right, falseAlarm }) => [
      kind,
      { right: Number(right), falseAlarm: Number(falseAlarm) },
    ]),
  );
}
