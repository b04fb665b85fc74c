import type { OtlpSpan } from "@plumbline/contracts";
import { describe, expect, it } from "vitest";
import { groupedFiles } from "./file-groups.ts";
import { joinParts, mergeParts, type Part } from "./merge-parts.ts";
import { progressLine } from "./progress-line.ts";
import { durationMs } from "./since.ts";
import { isTableSource } from "./table-source.ts";

const at = (endTimeUnixNano: bigint): Part => ({ spans: [{ endTimeUnixNano } as OtlpSpan], logs: [] });

async function* streamOf(...parts: Part[]): AsyncGenerator<Part> {
  for (const part of parts) yield await Promise.resolve(part);
}

async function allOf(stream: AsyncIterable<Part>): Promise<Part[]> {
  const parts: Part[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

const timesOf = (parts: readonly Part[]): unknown[] =>
  parts.map((part) => (typeof part === "string" ? part : part.spans.map((span) => span.endTimeUnixNano)));

describe("files of a folder", () => {
  it("are read together when only signal and format tell them apart", () => {
    const files = ["a/run7.logs.json.gz", "a/run7.json", "a/run8.json", "b/run7.json"];
    expect(groupedFiles(files)).toEqual([files.slice(0, 2), ["a/run8.json"], ["b/run7.json"]]);
    expect(groupedFiles(["otlp_logs.jsonl", "otlp_traces.jsonl"])).toHaveLength(1);
  });

  it("keep their own when the rest of the name differs", () => {
    expect(groupedFiles(["catalogs.json", "catalog.json", "traces-2.json", "traces-1.json"])).toHaveLength(4);
  });
});

describe("streams of parts", () => {
  it("are merged in the order of time", async () => {
    const merged = await allOf(mergeParts([streamOf(at(1n), at(4n)), streamOf(at(2n), "broken")]));
    expect(timesOf(merged)).toEqual([[1n], [2n], "broken", [4n]]);
  });

  it("are joined to one part, reasons apart", async () => {
    const joined = await allOf(joinParts([streamOf(at(4n), "broken"), streamOf(at(2n))]));
    expect(timesOf(joined)).toEqual(["broken", [4n, 2n]]);
  });
});

describe("the command line of a backtest", () => {
  it("reads spans of time", () => {
    expect(["90m", "12h", "30d", "2w"].map(durationMs)).toEqual([
      5_400_000, 43_200_000, 2_592_000_000, 1_209_600_000,
    ]);
    expect(() => durationMs("soon")).toThrow("Write it as");
  });

  it("tells tables from files", () => {
    expect(["clickhouse://h/otel", "https://h", "chdb:/var/data"].map(isTableSource)).toEqual([
      true,
      true,
      true,
    ]);
    expect(["traces", "./a.json", "/srv/chdb"].map(isTableSource)).toEqual([false, false, false]);
  });

  it("shows how far it is", () => {
    const line = progressLine({ done: 1, units: 2, spans: 1_200, runs: 3, held: 1 });
    expect(line).toBe(
      `${"━".repeat(12)}${"─".repeat(12)}  1 of 2  1,200 spans, 3 runs, 1 would have been held`,
    );
  });
});
