import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { stuckRun } from "../support/agent-telemetry.ts";
import {
  createPlace,
  type PlumblinePlace,
  type PlumblineProcess,
  runPlumbline,
  startPlumbline,
} from "../support/plumbline-process.ts";

let directory: string;
let place: PlumblinePlace;
let plumbline: PlumblineProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "plumbline-doctor-"));
  place = await createPlace(directory, "observe");
  plumbline = await startPlumbline(place);
});
afterAll(async () => {
  await plumbline.stop();
  await rm(directory, { recursive: true, force: true });
});

const post = (path: string, body: string) =>
  fetch(`http://127.0.0.1:${String(place.otlpHttpPort)}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body,
  });

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });

/** A model call of a foreign instrumentation: no content, no tokens, and as many attributes as the SDK lets through. */
function bareSpan(service: string, runId: string | undefined): string {
  const named = runId === undefined ? [] : [attribute("plumbline.run.id", runId)];
  const known = [
    attribute("gen_ai.operation.name", "chat"),
    attribute("gen_ai.request.model", "m"),
    ...named,
  ];
  const filler = Array.from({ length: 128 - known.length }, (_, index) =>
    attribute(`x.${String(index)}`, "y"),
  );
  const startNano = BigInt(Date.now()) * 1_000_000n;
  const span = {
    traceId: (runId === undefined ? "ab" : "cd").repeat(16),
    spanId: "12".repeat(8),
    name: "chat m",
    kind: 3,
    startTimeUnixNano: String(startNano),
    endTimeUnixNano: String(startNano + 5_000_000n),
    attributes: [...known, ...filler],
  };
  const resource = { attributes: [attribute("service.name", service)] };
  return JSON.stringify({
    resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "other" }, spans: [span] }] }],
  });
}

interface Check {
  service: string;
  agent: string;
  lacks: { lack: string; seen: string; mend: string }[];
}

async function lacksOf(service: string): Promise<Record<string, string>> {
  const { output, code } = await runPlumbline(["doctor", "--live", "--minutes", "5", "--json"], place);
  expect(code, output).toBe(0);
  const checks = (JSON.parse(output) as Check[]).filter((check) => check.service === service);
  const lacks = checks.flatMap((check) => check.lacks.map(({ lack, mend }) => [lack, mend] as const));
  return Object.fromEntries(lacks);
}

describe("plumbline doctor --live", () => {
  it("tells what an agent without a gate lacks, each with its setting", async () => {
    await post("/v1/traces", bareSpan("bare", undefined));
    await vi.waitFor(async () => {
      const lacks = await lacksOf("bare");
      expect(Object.keys(lacks).toSorted()).toEqual([
        "attributes-dropped",
        "content",
        "conversation",
        "gate",
        "tokens",
      ]);
      expect(lacks["attributes-dropped"]).toContain("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT");
      expect(lacks["content"]).toContain("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT");
      expect(lacks["gate"]).toContain("supervise()");
    }, 15_000);
  });

  it("finds calls of a gated run that passed no gate, and nothing in those that did", async () => {
    for (const { value } of stuckRun("gated-1", 2, Date.now()))
      await post("/v1/logs", Buffer.from(value).toString("utf8"));
    await vi.waitFor(async () => {
      const lacks = await lacksOf("shop");
      expect(lacks["gate"]).toBeUndefined();
      expect(lacks["bypass"]).toBeUndefined();
    }, 15_000);
    await post("/v1/traces", bareSpan("shop", "gated-1"));
    await vi.waitFor(
      async () => expect((await lacksOf("shop"))["bypass"]).toContain("docs/integrations.md"),
      15_000,
    );
  });

  it("refuses a time that is none", async () => {
    const { code, output } = await runPlumbline(["doctor", "--live", "--minutes", "0"], place);
    expect(code).toBe(2);
    expect(output).toContain("from 1 to 1440");
  });
});
