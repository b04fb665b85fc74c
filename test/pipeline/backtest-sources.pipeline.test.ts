import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type BacktestedRun, readTelemetryFile } from "@plumbline/analyzer";
import { systemClock } from "@plumbline/contracts";
import { createClickhouseStore } from "@plumbline/store";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { sourceFlags } from "../source-flags.ts";
import { openFileSource } from "../../packages/cli/src/backtest/file-source.ts";
import { type BacktestResult, runBacktest } from "../../packages/cli/src/backtest/run-backtest.ts";
import { StateFile } from "../../packages/cli/src/backtest/state-file.ts";
import { startChdbHttpServer } from "./support/start-chdb-http-server.ts";

const fixtures = fileURLToPath(new URL("../fixtures/spans/", import.meta.url));
const entry = fileURLToPath(new URL("../../packages/cli/src/main.ts", import.meta.url));

interface Page {
  source: string;
  runs: BacktestedRun[];
  counts: { spans: number; rejected: number };
  leftOut: string[];
}

let directory = "";
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "plumbline-backtest-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

async function backtest(source: string, ...options: string[]): Promise<Page> {
  const args = [...sourceFlags, entry, "backtest", source, "--json", ...options];
  const env = { ...process.env, PLUMBLINE_DATA_DIR: join(directory, "data") };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout) as Page;
}

function copyOf(name: string, scenario: string): string {
  const folder = join(directory, "traces", `${name}-${scenario}`);
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(join(fixtures, name))) {
    if (file.startsWith(`${scenario}.`) && file.includes(".json"))
      copyFileSync(join(fixtures, name, file), join(folder, file));
  }
  return folder;
}

/** The table as the OpenTelemetry ClickHouse exporter makes it. */
const exporterTable = `CREATE TABLE otel.otel_traces (
  Timestamp DateTime64(9), TraceId String, SpanId String, ParentSpanId String, TraceState String,
  SpanName LowCardinality(String), SpanKind LowCardinality(String), ServiceName LowCardinality(String),
  ResourceAttributes Map(LowCardinality(String), String), ScopeName String, ScopeVersion String,
  SpanAttributes Map(LowCardinality(String), String), Duration UInt64, StatusCode LowCardinality(String),
  StatusMessage String,
  Events Nested (Timestamp DateTime64(9), Name LowCardinality(String), Attributes Map(LowCardinality(String), String)),
  Links Nested (TraceId String, SpanId String, TraceState String, Attributes Map(LowCardinality(String), String))
) ENGINE = MergeTree PARTITION BY toDate(Timestamp) ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))`;

async function fillExporterTable(url: string, file: string): Promise<number> {
  const { spans } = readTelemetryFile({ name: file, bytes: readFileSync(file) });
  const store = await createClickhouseStore({ url });
  await store.migrate();
  const items = spans.map((span) => ({ tenantId: "", runId: "", span }));
  await store.insert("otel_traces", items, "backtest");
  await store.close();
  const { username, password, origin } = new URL(url);
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  const copy =
    "INSERT INTO otel.otel_traces SELECT * EXCEPT (TenantId, RunId, AlteredFields, InsertedAt) FROM plumbline.otel_traces";
  for (const body of ["CREATE DATABASE otel", exporterTable, copy]) {
    const response = await fetch(origin, { method: "POST", headers: { authorization }, body });
    expect([response.status, await response.text()]).toEqual([200, ""]);
  }
  return spans.length;
}

describe("plumbline backtest", () => {
  test("reads the folders below, spans and log records of a capture together, and leaves out what is broken", async () => {
    const traces = join(directory, "traces");
    copyOf("otel-openai-chat", "loop");
    copyOf("claude-code", "healthy");
    writeFileSync(join(traces, "broken.json"), "broken");
    const page = await backtest(traces);
    expect(page.runs.map(({ agent, hold }) => [agent, hold?.kind ?? null])).toEqual([
      ["support-agent", "exact-loop"],
      ["claude-code", null],
    ]);
    expect(page.counts.rejected).toBe(1);
    expect(page.leftOut[0]).toContain("broken.json");
  });

  test("leaves out what is older than --since says", async () => {
    const folder = copyOf("genkit", "loop");
    const file = readdirSync(folder)[0] ?? "";
    const { spans } = readTelemetryFile({ name: file, bytes: readFileSync(join(folder, file)) });
    const newestMs = Math.max(...spans.map(({ endTimeUnixNano }) => Number(endTimeUnixNano / 1_000_000n)));
    const ageMinutes = Math.floor((Date.now() - newestMs) / 60_000);
    expect((await backtest(folder, "--since", `${String(Math.max(1, ageMinutes - 1))}m`)).counts.spans).toBe(
      0,
    );
    expect((await backtest(folder, "--since", `${String(ageMinutes + 60)}m`)).counts.spans).toBe(
      spans.length,
    );
  });

  test("reads the table of an exporter on a server, whatever its database, and keeps the password to itself", async () => {
    const server = await startChdbHttpServer(join(directory, "clickhouse"));
    try {
      const spans = await fillExporterTable(server.url, join(fixtures, "genkit", "loop.json.gz"));
      const page = await backtest(`${server.url.replace("http:", "clickhouse:")}/otel`);
      expect(page.counts.spans).toBe(spans);
      expect(page.runs.map(({ hold }) => hold?.kind)).toEqual(["exact-loop"]);
      expect(page.source).toBe(`clickhouse://127.0.0.1:${String(server.port)}/otel`);
    } finally {
      await server.stop();
    }
  });
});

async function run(stateFile: StateFile, signal: AbortSignal): Promise<BacktestResult> {
  const source = openFileSource(join(directory, "traces"));
  const before = await stateFile.load();
  const progress = { show: () => undefined, end: () => undefined };
  return runBacktest({ source, sinceMs: 0, before, stateFile, progress, clock: systemClock, signal });
}

test("a backtest that was interrupted goes on and says what one in a piece says", async () => {
  copyOf("genkit", "loop");
  copyOf("claude-code", "healthy");
  const whole = await run(new StateFile(join(directory, "whole"), "traces"), new AbortController().signal);
  const stateFile = new StateFile(join(directory, "interrupted"), "traces");
  const interruption = new AbortController();
  const source = openFileSource(join(directory, "traces"));
  const interrupted = await runBacktest({
    source: {
      ...source,
      units: async () =>
        (await source.units()).map((unit) => ({
          ...unit,
          async *read() {
            yield* unit.read();
            interruption.abort();
          },
        })),
    },
    sinceMs: 0,
    before: undefined,
    stateFile,
    progress: { show: () => undefined, end: () => undefined },
    clock: systemClock,
    signal: interruption.signal,
  });
  expect([interrupted.isWhole, interrupted.unitsDone, interrupted.units]).toEqual([false, 1, 2]);
  const resumed = await run(stateFile, new AbortController().signal);
  expect(resumed).toEqual(whole);
  expect(await stateFile.load()).toBeUndefined();
});

test("a directory without tables is refused and left as it is", async () => {
  await expect(backtest(`chdb:${directory}`)).rejects.toThrow("is no directory of tables");
  expect(readdirSync(directory)).toEqual([]);
});
