import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Backtest, type BacktestedRun, readTelemetryFile } from "@plumbline/analyzer";
import { createChdbStore, readExporterSpans } from "@plumbline/store";
import { describe, expect, test } from "vitest";
import { captureCases, captureFiles, captureFormats } from "./support/captures.ts";

/** A capture that carries neither tool spans nor messages. */
const withoutTools = new Set(["langsmith-langgraph"]);

function telemetryOf(name: string, scenario: string): ReturnType<typeof readTelemetryFile> {
  const [format = "pb"] = captureFormats(name);
  const parts = captureFiles(name, scenario, format).map(readTelemetryFile);
  return {
    spans: parts.flatMap(({ spans }) => spans),
    logs: parts.flatMap(({ logs }) => logs),
    rejected: parts.flatMap(({ rejected }) => rejected),
  };
}

function backtestOf(name: string, scenario: string): BacktestedRun[] {
  const backtest = new Backtest();
  backtest.feed(telemetryOf(name, scenario));
  const runs = backtest.finish();
  expect(backtest.reasons).toEqual([]);
  return runs;
}

describe("backtest of recorded telemetry", () => {
  test.each(captureCases.filter(({ name, scenario }) => scenario === "loop" && !withoutTools.has(name)))(
    "the loop of $name would have been held or nudged",
    ({ name, scenario }) => {
      const runs = backtestOf(name, scenario);
      expect(runs.map(({ hold, nudge }) => hold !== null || nudge !== null)).toEqual([true]);
    },
  );

  test.each(captureCases.filter(({ scenario }) => scenario.startsWith("healthy")))(
    "$scenario $name would have been left alone",
    ({ name, scenario }) => {
      const runs = backtestOf(name, scenario);
      expect(runs.filter(({ hold }) => hold !== null)).toEqual([]);
      expect(runs.filter(({ nudge }) => nudge !== null)).toEqual([]);
    },
  );

  test("a backtest that goes on from a snapshot says what one in a piece says", () => {
    const spans = telemetryOf("genkit", "loop").spans.toSorted((first, second) =>
      Number(first.endTimeUnixNano - second.endTimeUnixNano),
    );
    const units = [spans.slice(0, 9), spans.slice(9)];
    const inOnePiece = new Backtest();
    let resumed = new Backtest();
    for (const unit of units) {
      inOnePiece.feed({ spans: unit, logs: [] });
      inOnePiece.endUnit();
      resumed.feed({ spans: unit, logs: [] });
      resumed.endUnit();
      const kept = JSON.stringify(resumed.snapshot());
      resumed = new Backtest();
      resumed.restore(JSON.parse(kept) as ReturnType<Backtest["snapshot"]>);
    }
    const runs = resumed.finish();
    expect(runs).toEqual(inOnePiece.finish());
    expect(runs.map(({ hold }) => hold?.kind)).toEqual(["exact-loop"]);
  });

  test("spans in an exporter's table say what the same spans in a file say", async () => {
    const directory = mkdtempSync(join(tmpdir(), "plumbline-backtest-"));
    const store = await createChdbStore({ directory });
    try {
      await store.migrate();
      const { spans } = telemetryOf("genkit", "loop");
      const items = spans.map((span) => ({ tenantId: "", runId: "", span }));
      await store.insert("otel_traces", items, "backtest");
      const table = readExporterSpans(store, "plumbline");
      const backtest = new Backtest();
      for (const window of await table.windows(0)) {
        for await (const page of table.read(window, 0)) backtest.feed({ spans: page, logs: [] });
        backtest.endUnit();
      }
      expect(backtest.finish()).toEqual(backtestOf("genkit", "loop"));
    } finally {
      await store.close();
      rmSync(directory, { recursive: true });
    }
  });
});
