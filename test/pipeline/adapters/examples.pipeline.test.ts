import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import {
  type ScriptedModel,
  type ScriptedRequest,
  startScriptedModel,
} from "@plumbline/instrumentation/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sourceFlags } from "../../source-flags.ts";
import { startTestServer, type TestServer } from "../instrumentation-harness.ts";

const run = promisify(execFile);
const folder = fileURLToPath(new URL("../../../examples/", import.meta.url));
const page = readFileSync(new URL("../../../docs/integrations.md", import.meta.url), "utf8");
/** Each block of code on the page, and the file that the line after it names. */
const blocks = [...page.matchAll(/```ts\n(?<code>[^`]+)```\s+\[examples\/(?<file>[\w-]+\.ts)\]/gu)].map(
  ({ groups }) => ({ code: groups?.["code"] ?? "", file: groups?.["file"] ?? "" }),
);
const examples = blocks.map(({ file }) => file);

let server: TestServer;
let model: ScriptedModel;

function answer(request: ScriptedRequest) {
  const found = request.messages.find(({ role }) => role === "tool");
  return found === undefined
    ? { toolCalls: [{ name: "find_orders", arguments: { q: "ada@example.com" } }] }
    : { text: `It was ${/order \d+/u.exec(found.text)?.[0] ?? "none"}.` };
}

beforeAll(async () => {
  [server, model] = await Promise.all([startTestServer(), startScriptedModel({ answer })]);
});
afterAll(async () => {
  await model.close();
  await server.close();
});

async function runExample(name: string): Promise<string> {
  const environment = {
    ...process.env,
    OPENAI_API_KEY: "none",
    OPENAI_BASE_URL: model.baseUrl,
    OPENAI_AGENTS_DISABLE_TRACING: "1",
    ANTHROPIC_API_KEY: "none",
    ANTHROPIC_BASE_URL: model.baseUrl.replace(/\/v1$/u, ""),
    PLUMBLINE_ENDPOINT: server.url,
    PLUMBLINE_DATA_DIR: mkdtempSync(join(tmpdir(), "plumbline-")),
    OTEL_SERVICE_NAME: name,
  };
  const { stdout } = await run(process.execPath, [...sourceFlags, join(folder, name)], {
    env: environment,
    timeout: 25_000,
  });
  return stdout;
}

const stepKinds = (runIds: Set<string>): string[] =>
  server.eventsOf("plumbline.step.end").flatMap(({ runId, step }) => (runIds.has(runId) ? [step.kind] : []));

describe("the examples", () => {
  it.each(examples)(
    "%s answers, and its calls are the steps of one run",
    { timeout: 40_000 },
    async (name) => {
      const before = new Set(server.eventsOf("plumbline.run.start").map(({ runId }) => runId));
      expect(await runExample(name)).toContain("It was order 1042.");
      const started = server.eventsOf("plumbline.run.start").map(({ runId }) => runId);
      const runIds = new Set(started.filter((runId) => !before.has(runId)));
      expect(runIds.size).toBe(1);
      expect(stepKinds(runIds)).toEqual(["model", "tool", "model"]);
    },
  );

  it("stand behind every block of the page", () => {
    expect(blocks).toHaveLength(page.split("```ts\n").length - 1);
    for (const { code, file } of blocks) {
      const source = readFileSync(join(folder, file), "utf8").split("\n");
      for (const line of code.trimEnd().split("\n")) expect(source).toContain(line);
    }
  });
});
