import { readFile, readdir } from "node:fs/promises";
import { checkTelemetry } from "@plumbline/analyzer";
import { describe, expect, it } from "vitest";

const fixtures = new URL("../fixtures/spans/", import.meta.url);

async function lacksOf(configuration: string, wanted: RegExp): Promise<Record<string, string>> {
  const folder = new URL(`${configuration}/`, fixtures);
  const names = (await readdir(folder)).filter((name) => wanted.test(name));
  const files = await Promise.all(
    names.map(async (name) => ({ name, bytes: await readFile(new URL(name, folder)) })),
  );
  return Object.fromEntries(checkTelemetry(files).lacks.map(({ lack, mend }) => [lack, mend]));
}

describe("doctor --telemetry", () => {
  it("sees that the attribute limit of the SDK cut spans, and names the variable", async () => {
    const lacks = await lacksOf("oi-anthropic", /^loop\.json/);
    expect(lacks["attributes-dropped"]).toContain("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT");
    expect(lacks["tool-spans"]).toContain("execute_tool");
  });

  it("misses content when the logs that carry it are missing, and not when they are there", async () => {
    expect((await lacksOf("otel-openai-chat", /^loop\.json/))["content"]).toContain("/v1/logs");
    expect((await lacksOf("otel-openai-chat", /^loop(\.logs)?\.json/))["content"]).toBeUndefined();
  });

  it("never takes a foreign stack for one that can be held", async () => {
    expect((await lacksOf("ai-sdk-7", /^loop\.json/))["gate"]).toContain("supervise()");
  });
});
