import { expect, it } from "vitest";
import { readMigrations } from "../migrate/migrations.ts";
import { type StoreBed, countOf } from "./harness.contract.ts";
import { sampleSpan } from "./samples.contract.ts";

export function migrateCases(bed: StoreBed): void {
  it("migrates again and again, at once too, without a change", async () => {
    await Promise.all([bed.store.migrate(), bed.store.migrate()]);
    await bed.store.migrate();
    const applied = await bed.store.query<{ Name: string; Checksum: string }>({
      sql: "SELECT Name, Checksum FROM plumbline.schema_migrations FINAL ORDER BY Version",
    });
    const known = await readMigrations();
    expect(applied).toEqual(known.map(({ name, checksum }) => ({ Name: name, Checksum: checksum })));
  });

  it("describes every table, view and column", async () => {
    const tables = await bed.store.query({
      sql: "SELECT name FROM system.tables WHERE database = 'plumbline' AND comment = ''",
    });
    const columns = await bed.store.query({
      sql: `SELECT table, name FROM system.columns WHERE database = 'plumbline' AND comment = '' AND table IN (
        SELECT name FROM system.tables WHERE database = 'plumbline' AND engine LIKE '%MergeTree')`,
    });
    expect({ tables, columns }).toEqual({ tables: [], columns: [] });
  });

  it("gives every table a window in which tokens are remembered", async () => {
    const without = await bed.store.query({
      sql: `SELECT name FROM system.tables WHERE database = 'plumbline' AND engine LIKE '%MergeTree'
        AND NOT engine_full LIKE '%non_replicated_deduplication_window%'`,
    });
    expect(without).toEqual([]);
  });

  it("keeps its rows over a restart", async () => {
    await bed.store.insert("otel_traces", [sampleSpan("run-restart")], "restart");
    await bed.reopen();
    await bed.store.migrate();
    expect(await countOf(bed.store, "otel_traces", "run-restart")).toBe(1);
    await bed.store.insert("otel_traces", [sampleSpan("run-restart")], "restart");
    expect(await countOf(bed.store, "otel_traces", "run-restart")).toBe(1);
  });

  it("keeps telemetry for a month, what was concluded for longer, and the audit trail for ever", async () => {
    const tables = ["otel_traces", "otel_traces_trace_id_ts", "runs", "steps", "audit_log"];
    const kept = await bed.store.query<{ name: string; engine_full: string }>({
      sql: `SELECT name, engine_full FROM system.tables WHERE database = 'plumbline' AND has({tables:Array(String)}, name) ORDER BY name`,
      parameters: { tables },
    });
    const ttls = kept.map((table) => [table.name, / TTL (.+?) SETTINGS/.exec(table.engine_full)?.[1]]);
    expect(ttls).toEqual([
      ["audit_log", undefined],
      ["otel_traces", "toDateTime(InsertedAt) + toIntervalDay(30)"],
      ["otel_traces_trace_id_ts", "toDateTime(InsertedAt) + toIntervalDay(30)"],
      ["runs", "toDateTime(InsertedAt) + toIntervalDay(400)"],
      ["steps", "toDateTime(InsertedAt) + toIntervalDay(90)"],
    ]);
  });

  it("answers a check", async () => {
    await expect(bed.store.check()).resolves.toBeUndefined();
  });
}
