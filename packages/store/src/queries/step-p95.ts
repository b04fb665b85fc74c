import { databaseName } from "../rows/tables.ts";
import type { Store } from "../store.ts";

const fewest = 5;

const sql = `
  SELECT count() AS known, quantileExact(0.95)(DurationNs) / 1e6 AS p95Ms
  FROM (
    SELECT toUnixTimestamp64Nano(assumeNotNull(EndedAt)) - toUnixTimestamp64Nano(StartedAt) AS DurationNs
    FROM ${databaseName}.steps FINAL
    WHERE TenantId = {tenantId:String} AND Name = {name:String} AND State = 'ended' AND NOT Retracted AND EndedAt IS NOT NULL
    ORDER BY StartedAt DESC
    LIMIT 10000
  )`;

/** 95th percentile of the last 10,000 ended steps by that name; null when fewer than five are known. */
export async function stepP95Ms(
  store: Store,
  { tenantId, name }: { tenantId: string; name: string },
): Promise<number | null> {
  const [row] = await store.query<{ known: string; p95Ms: number }>({ sql, parameters: { tenantId, name } });
  return row === undefined || Number(row.known) < fewest ? null : row.p95Ms;
}
