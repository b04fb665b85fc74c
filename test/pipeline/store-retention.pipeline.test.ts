import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { openChdbEngine } from "../../packages/store/src/chdb/chdb-engine.ts";
import { loadChdb } from "../../packages/store/src/chdb/load-chdb.ts";
import { EngineStore } from "../../packages/store/src/engine-store.ts";
import { defaultUntrustedLimits } from "../../packages/store/src/engine/role-settings.ts";

it("the database drops what was stored longer ago than a table keeps it, whatever the row itself says of its time", async () => {
  await loadChdb();
  const directory = mkdtempSync(join(tmpdir(), "plumbline-retention-"));
  const engine = await openChdbEngine({
    directory,
    maxMemoryBytes: 2 ** 30,
    markCacheBytes: 2 ** 26,
    connections: { writer: 1, reader: 1, untrusted: 1 },
    untrustedLimits: defaultUntrustedLimits,
  });
  onTestFinished(async () => {
    await engine.close();
    rmSync(directory, { recursive: true });
  });
  await new EngineStore(engine, defaultUntrustedLimits).migrate();
  const store = new EngineStore(engine, defaultUntrustedLimits, { otel_logs: 7, runs: null });
  await store.migrate();

  const storedDaysAgo = async (table: string, column: string, days: number): Promise<void> => {
    const row = `'${String(days)}', '1999-01-0${String(days % 9)} 00:00:00', now64(6) - toIntervalDay(${String(days)})`;
    await engine.command(`INSERT INTO plumbline.${table} (RunId, ${column}, InsertedAt) VALUES (${row})`);
  };
  const kept = async (table: string): Promise<string[]> => {
    await engine.command(`OPTIMIZE TABLE plumbline.${table} FINAL`);
    const rows = await store.query<{ RunId: string }>({
      sql: `SELECT RunId FROM plumbline.${table} ORDER BY toUInt32(RunId)`,
    });
    return rows.map(({ RunId }) => RunId);
  };
  const ages = { otel_logs: [6, 8, 31], otel_traces: [6, 29, 31], runs: [1, 500], audit_log: [1, 500] };
  const columns = {
    otel_logs: "Timestamp",
    otel_traces: "Timestamp",
    runs: "StartedAt",
    audit_log: "PerformedAt",
  };
  for (const [table, days] of Object.entries(ages))
    for (const age of days) await storedDaysAgo(table, columns[table as keyof typeof columns], age);

  expect(await kept("otel_logs")).toEqual(["6"]);
  expect(await kept("otel_traces")).toEqual(["6", "29"]);
  expect(await kept("runs")).toEqual(["1", "500"]);
  expect(await kept("audit_log")).toEqual(["1", "500"]);
});
