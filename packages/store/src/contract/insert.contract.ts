import { modelStep, toolStep } from "@plumbline/contracts/testing";
import { expect, it } from "vitest";
import type { Row } from "../rows/row.ts";
import { tableMappings } from "../rows/tables.ts";
import type { Store, TableItems, TableName } from "../store.ts";
import { type StoreBed, countOf } from "./harness.contract.ts";
import { noonMs, sampleRun, sampleSpan, samplesOf } from "./samples.contract.ts";

const hostile = [
  `'; DROP TABLE plumbline.steps; --`,
  `back\\slash \\' \\n \\N`,
  "nul \u0000, line\nbreak, tab\t, return\r",
  "emoji 👩‍🔧, rtl \u202e, bom \ufeff",
  `{"json": [1, "two"]} {name:String} %s $1 ?`,
  "",
];

async function itemsOf<Name extends TableName>(store: Store, table: Name, runId: string): Promise<unknown[]> {
  const rows = await store.query<Row>({
    sql: `SELECT * FROM plumbline.${table} FINAL WHERE RunId = {runId:String} ORDER BY ALL`.replace(
      / FINAL/,
      table.startsWith("otel_") ? "" : " FINAL",
    ),
    parameters: { runId },
  });
  const { fromRow } = tableMappings[table] as { fromRow(row: Row): TableItems[Name] };
  return rows.map((row) => fromRow(row));
}

function tokenCases(bed: StoreBed): void {
  it("inserts once when the same batch comes twice under one token", async () => {
    const items = Array.from({ length: 2_500 }, (_, index) =>
      sampleSpan("run-token", { name: `span ${String(index)}` }),
    );
    await bed.store.insert("otel_traces", items, "token-1");
    await bed.store.insert("otel_traces", items, "token-1");
    expect(await countOf(bed.store, "otel_traces", "run-token")).toBe(2_500);
  });

  it("inserts the same items again under another token", async () => {
    await bed.store.insert("otel_traces", [sampleSpan("run-two-tokens")], "token-2");
    await bed.store.insert("otel_traces", [sampleSpan("run-two-tokens")], "token-3");
    expect(await countOf(bed.store, "otel_traces", "run-two-tokens")).toBe(2);
  });

  it("takes tokens with quotes and backslashes as they are", async () => {
    for (const token of [`it's`, `it\\'s`, `it''s`])
      await bed.store.insert("otel_traces", [sampleSpan("run-quote")], token);
    await bed.store.insert("otel_traces", [sampleSpan("run-quote")], `it\\'s`);
    expect(await countOf(bed.store, "otel_traces", "run-quote")).toBe(3);
  });

  it("runs inserts into all tables at once", async () => {
    const tables = Object.entries(samplesOf("run-at-once")) as [TableName, TableItems[TableName][]][];
    const results = await Promise.all(
      tables.map(([table, items]) => bed.store.insert(table, items, `once:${table}`)),
    );
    expect(results.every((result) => result.rejected.length === 0)).toBe(true);
    for (const [table, items] of tables)
      expect(await countOf(bed.store, table, "run-at-once")).toBe(items.length);
  });

  it("inserts nothing for an empty batch", async () => {
    expect(await bed.store.insert("steps", [], "empty")).toEqual({ inserted: 0, rejected: [] });
  });
}

function badRowCases(bed: StoreBed): void {
  const bad = toolStep(3, { name: "bad" }, { runId: "run-bad", retracted: "perhaps" as unknown as boolean });
  const batch = [1, 2].map((n) => toolStep(n, { name: "good" }, { runId: "run-bad" }));

  it("rejects the one row that no sanitising mends and keeps the rest of its batch", async () => {
    const result = await bed.store.insert(
      "steps",
      [...batch, bad, ...[4, 5, 6].map((n) => toolStep(n, { name: "good" }, { runId: "run-bad" }))],
      "bad-1",
    );
    expect(result.inserted).toBe(5);
    expect(result.rejected.map((item) => item.index)).toEqual([2]);
    expect(result.rejected[0]?.reason).not.toBe("");
    expect(await countOf(bed.store, "steps", "run-bad")).toBe(5);
  });

  it("adds nothing when a batch with a rejected row comes again under its token", async () => {
    await bed.store.insert(
      "steps",
      [...batch, bad, ...[4, 5, 6].map((n) => toolStep(n, { name: "good" }, { runId: "run-bad" }))],
      "bad-1",
    );
    expect(await countOf(bed.store, "steps", "run-bad")).toBe(5);
  });
}

function valueCases(bed: StoreBed): void {
  it.each(Object.keys(samplesOf("")) as TableName[])("gives back from %s what was put in", async (table) => {
    const runId = `run-back-${table}`;
    const items: unknown[] = samplesOf(runId)[table];
    const { rejected } = await bed.store.insert(table, samplesOf(runId)[table], `back:${table}`);
    expect(rejected).toEqual([]);
    const found = await itemsOf(bed.store, table, runId);
    expect(found).toHaveLength(items.length);
    expect(found).toEqual(expect.arrayContaining(items));
  });

  it("keeps hostile text as it is, in rows and in parameters", async () => {
    for (const [index, text] of hostile.entries()) {
      const step = modelStep(1, text, { runId: `run-hostile-${String(index)}`, name: text, agentName: text });
      await bed.store.insert("steps", [step], `hostile-${String(index)}`);
      expect(await itemsOf(bed.store, "steps", step.runId)).toEqual([step]);
      const [row] = await bed.store.query<{ same: string }>({
        sql: "SELECT {text:String} AS same",
        parameters: { text },
      });
      expect(row?.same).toBe(text);
    }
  });

  it("replaces lone surrogates and keeps the rest", async () => {
    const span = sampleSpan("run-surrogate", {
      name: "cut \ud83d",
      attributes: { "key \udc00": "value \ud83d" },
    });
    expect((await bed.store.insert("otel_traces", [span], "surrogate")).rejected).toEqual([]);
    const [row] = await bed.store.query<{ SpanName: string; SpanAttributes: unknown }>({
      sql: "SELECT SpanName, SpanAttributes FROM plumbline.otel_traces WHERE RunId = 'run-surrogate'",
    });
    expect(row).toEqual({ SpanName: "cut \ufffd", SpanAttributes: { "key \ufffd": "value \ufffd" } });
  });

  it("keeps spans of impossible times, moved into range and marked", async () => {
    const times = [
      -11_676_096_000_000_000_000n,
      0n,
      16_725_225_600_000_000_000n,
      18_446_744_073_709_551_615n,
    ];
    const items = times.map((time) =>
      sampleSpan("run-times", { startTimeUnixNano: time, endTimeUnixNano: 5n }),
    );
    const result = await bed.store.insert("otel_traces", items, "times");
    expect(result).toEqual({ inserted: items.length, rejected: [] });
    const rows = await bed.store.query<{ AlteredFields: string[] }>({
      sql: "SELECT AlteredFields FROM plumbline.otel_traces WHERE RunId = 'run-times'",
    });
    expect(rows.filter((row) => row.AlteredFields.includes("Timestamp"))).toHaveLength(3);
    expect(rows.filter((row) => row.AlteredFields.includes("Duration"))).toHaveLength(2);
  });

  it("stores an attribute of 20 MB", async () => {
    const text = "0123456789".repeat(2_000_000);
    await bed.store.insert(
      "otel_traces",
      [sampleSpan("run-large", { attributes: { text } }), sampleSpan("run-large")],
      "large",
    );
    const [row] = await bed.store.query<{ bytes: string }>({
      sql: "SELECT max(length(SpanAttributes['text'])) AS bytes FROM plumbline.otel_traces WHERE RunId = 'run-large'",
    });
    expect(row?.bytes).toBe("20000000");
  });

  it("gives 64-bit integers as text, exactly", async () => {
    const [row] = await bed.store.query({ sql: "SELECT toUInt64('18446744073709551615') AS most" });
    expect(row).toEqual({ most: "18446744073709551615" });
  });
}

function versionCases(bed: StoreBed): void {
  it("shows the highest revision of a step, whatever came last and on whatever day it began", async () => {
    const step = toolStep(1, { name: "search" }, { runId: "run-versions", startMs: noonMs });
    const later = { ...step, revision: 2, startMs: noonMs - 86_400_000, endMs: noonMs };
    await bed.store.insert("steps", [later], "version-2");
    await bed.store.insert("steps", [step, { ...step, revision: 1 }], "version-0-1");
    expect(await itemsOf(bed.store, "steps", "run-versions")).toEqual([later]);
  });

  it("shows the highest revision of a run", async () => {
    const newest = sampleRun("run-newest", { revision: 9, status: "paused" });
    await bed.store.insert("runs", [sampleRun("run-newest", { revision: 3 }), newest], "newest-1");
    await bed.store.insert("runs", [sampleRun("run-newest", { revision: 8 })], "newest-2");
    expect(await itemsOf(bed.store, "runs", "run-newest")).toEqual([newest]);
  });
}

export function insertCases(bed: StoreBed): void {
  tokenCases(bed);
  badRowCases(bed);
  valueCases(bed);
  versionCases(bed);
}
