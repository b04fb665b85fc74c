import { RejectedError } from "@plumbline/contracts";
import { toolStep } from "@plumbline/contracts/testing";
import { expect, it } from "vitest";
import { isAllowedFunction } from "../untrusted/allowed-functions.ts";
import { readableTables } from "../untrusted/readable-tables.ts";
import { sampleRun } from "./samples.contract.ts";
import type { StoreBed } from "./harness.contract.ts";
import { harmlessStatements, hostileStatements } from "./hostile-statements.contract.ts";

function answerCases(bed: StoreBed): void {
  it("gives columns with their types and rows, 64-bit integers as text", async () => {
    const result = await bed.store.queryUntrusted(
      "SELECT toUInt64(18446744073709551615) AS most, 'x' AS text",
    );
    expect(result).toMatchObject({
      columns: [
        { name: "most", type: "UInt64" },
        { name: "text", type: "String" },
      ],
      rows: [{ most: "18446744073709551615", text: "x" }],
      truncated: false,
    });
  });

  it("cuts a long answer and says so", async () => {
    const steps = Array.from({ length: 200 }, (_, index) =>
      toolStep(index + 1, { name: "row" }, { runId: "run-rows" }),
    );
    await bed.store.insert("steps", steps, "rows");
    const result = await bed.store.queryUntrusted(
      "SELECT a.StepId FROM steps AS a CROSS JOIN (SELECT 1 FROM steps WHERE RunId = 'run-rows' LIMIT 100) AS b WHERE a.RunId = 'run-rows'",
    );
    expect(result.truncated).toBe(true);
    expect(result.rows).toHaveLength(10_000);
  });

  it("says what the database did not like", async () => {
    await expect(bed.store.queryUntrusted("SELECT Nmae FROM steps")).rejects.toThrow(/Nmae/);
    await expect(bed.store.queryUntrusted("SELECT FROM WHERE")).rejects.toBeInstanceOf(RejectedError);
  });

  it("refuses what needs more memory than allowed, and goes on", async () => {
    const greedy = "SELECT length(arrayMap(x -> repeat('abcdefgh', 1000), range(10000000)))";
    await expect(bed.store.queryUntrusted(greedy)).rejects.toBeInstanceOf(RejectedError);
    expect((await bed.store.queryUntrusted("SELECT 1 AS one")).rows).toEqual([{ one: 1 }]);
  });
}

function safetyCases(bed: StoreBed): void {
  it.each(hostileStatements)("refuses %j", async (statement, why) => {
    const refusal = await bed.store.queryUntrusted(statement).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refusal).toBeInstanceOf(RejectedError);
    expect(String(refusal)).toMatch(why);
  });

  it("allows no function that reads a table, a file or the network", async () => {
    const tableFunctions = await bed.store.query<{ name: string }>({
      sql: "SELECT name FROM system.table_functions",
    });
    expect(tableFunctions.map(({ name }) => name).filter(isAllowedFunction)).toEqual([]);
  });

  it("lets people name every column of every table", async () => {
    const columns = await bed.store.query<{ table: string; name: string }>({
      sql: "SELECT table, name FROM system.columns WHERE database = 'plumbline' ORDER BY table, name",
    });
    for (const table of readableTables) {
      const names = columns.filter((column) => column.table === table).map((column) => `\`${column.name}\``);
      const { columns: found } = await bed.store.queryUntrusted(
        `SELECT ${names.join(", ")} FROM ${table} LIMIT 1`,
      );
      expect(found).toHaveLength(names.length);
    }
  });
}

/** Ways to come by a row of a table; each gives the ids of the runs that it sees. */
const waysToRuns: readonly string[] = [
  "SELECT RunId FROM runs",
  "SELECT RunId FROM plumbline.runs FINAL",
  "SELECT x.RunId AS RunId FROM runs AS x",
  "SELECT RunId FROM v_run_summary",
  "SELECT RunId FROM steps WHERE 1 OR TenantId = 'shop-b'",
  "SELECT y.RunId AS RunId FROM runs AS x CROSS JOIN plumbline.runs AS y",
  "WITH seen AS (SELECT RunId FROM runs) SELECT RunId FROM seen",
  "SELECT arrayJoin((SELECT groupUniqArray(RunId) FROM runs)) AS RunId",
  "SELECT RunId FROM steps UNION ALL SELECT RunId FROM runs",
  "SELECT arrayJoin(['run-of-shop-a', 'run-of-shop-b']) AS RunId WHERE RunId IN (SELECT RunId FROM runs)",
  "SELECT if(count() = 1, 'run-of-shop-a', 'run-of-shop-b') AS RunId FROM runs",
  "SELECT max(RunId) AS RunId FROM steps",
];

function tenantCases(bed: StoreBed): void {
  const insertRunsOfTenants = async (): Promise<void> => {
    for (const tenantId of ["shop-a", "shop-b"]) {
      const runId = `run-of-${tenantId}`;
      await bed.store.insert("runs", [sampleRun(runId, { tenantId })], runId);
      await bed.store.insert("steps", [toolStep(1, { name: "find" }, { runId, tenantId })], runId);
    }
  };

  it.each(waysToRuns)("shows one tenant nothing of another by %j", async (statement) => {
    await insertRunsOfTenants();
    const { rows } = await bed.store.queryUntrusted(statement, "shop-a");
    expect(new Set(rows.map((row) => row["RunId"]))).toEqual(new Set(["run-of-shop-a"]));
  });

  it("shows all of them where no tenant is named", async () => {
    await insertRunsOfTenants();
    const { rows } = await bed.store.queryUntrusted(
      "SELECT RunId FROM runs FINAL WHERE RunId LIKE 'run-of-shop-%'",
    );
    expect(rows).toHaveLength(2);
  });

  it("shows nothing by a name that is meant to break out", async () => {
    const { rows } = await bed.store.queryUntrusted("SELECT RunId FROM runs", "x' OR 1 OR '\\");
    expect(rows).toEqual([]);
  });

  it("refuses one tenant a table that does not say whose its rows are, and a change of what it sees", async () => {
    const ask = (sql: string): Promise<unknown> => bed.store.queryUntrusted(sql, "shop-a");
    await expect(ask("SELECT TraceId FROM otel_traces_trace_id_ts")).rejects.toBeInstanceOf(RejectedError);
    const unfiltered = "SELECT RunId FROM runs SETTINGS additional_table_filters = {}";
    await expect(ask(unfiltered)).rejects.toBeInstanceOf(RejectedError);
  });
}

export function untrustedCases(bed: StoreBed): void {
  answerCases(bed);
  tenantCases(bed);
  it.each(harmlessStatements)("runs %j", async (statement) => {
    await expect(bed.store.queryUntrusted(statement)).resolves.toBeDefined();
  });
  safetyCases(bed);
}
