import { gunzipSync } from "node:zlib";
import { normaliseTelemetry, type NormalisedRun } from "@plumbline/analyzer";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { expect, test } from "vitest";
import { traceRequest } from "../../packages/analyzer/src/ingest/decode/fixtures/otlp-proto.ts";
import { captureCases, captureFiles, captureFormats } from "./support/captures.ts";

/** Most emitters record contents only on request: what is left then are names, ids, counts, states and errors. */
const plain = /usage|token|model|(?:^|[._])(?:id|name|kind|type|status|operation)$|operationId/i;
/** Calls in messages come and go with their arguments. */
const inMessages = /messages\.\d/;

interface Span {
  attributes: { key: string }[];
  events: { name: string }[];
}
interface Request {
  resourceSpans: { scopeSpans: { spans: Span[] }[] }[];
}

function withoutContents(bytes: Uint8Array): Uint8Array {
  const request = traceRequest.decode(gunzipSync(bytes)) as unknown as Request;
  for (const { scopeSpans } of request.resourceSpans) {
    for (const span of scopeSpans.flatMap(({ spans }) => spans)) {
      span.attributes = span.attributes.filter(({ key }) => plain.test(key) && !inMessages.test(key));
      span.events = span.events.filter(({ name }) => name === "exception");
    }
  }
  return new Uint8Array(traceRequest.encode(traceRequest.fromObject(request)).finish());
}

const monitor = createMonitor(createPolicy({ profile: "enforce" }));

function runsOf(name: string, scenario: string): NormalisedRun[] {
  const spans = captureFiles(name, scenario, "pb").filter((file) => !file.name.includes(".logs."));
  const files = spans.map((file) => ({ name: file.name, bytes: withoutContents(file.bytes) }));
  return normaliseTelemetry(files, { monitor }).runs;
}

const cases = captureCases.filter(({ name }) => captureFormats(name).includes("pb"));
const kindsOf = (runs: readonly NormalisedRun[]): string[] =>
  runs.flatMap((run) => run.findings.map(({ kind }) => kind));

test.each(cases.filter(({ scenario }) => scenario.startsWith("healthy")))(
  "$name $scenario without its contents is flagged with nothing",
  ({ name, scenario }) => {
    expect(kindsOf(runsOf(name, scenario))).toEqual([]);
  },
);

const failures = cases
  .filter(({ scenario }) => scenario === "loop")
  .map(({ name, scenario }) => ({ name, runs: runsOf(name, scenario) }))
  .filter(({ runs }) =>
    runs.some(({ steps }) => steps.filter((step) => step.outcome === "error").length >= 5),
  );

test.each(failures)("the failing calls of $name are a storm, whatever they were called with", ({ runs }) => {
  expect(kindsOf(runs)).toContain("retry-storm");
});

test("most emitters report failures without contents", () => {
  expect(failures.length).toBeGreaterThan(20);
});
