import {
  type ScriptedAnswer,
  type ScriptedModel,
  type ScriptedRequest,
  startScriptedModel,
} from "@plumbline/instrumentation/testing";
import { execFile } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./instrumentation-harness.ts";

const run = promisify(execFile);
const agents = fileURLToPath(new URL("./instrumentation-agents/", import.meta.url));

let server: TestServer;
let model: ScriptedModel;

function answer(request: ScriptedRequest): ScriptedAnswer {
  const said = request.messages.find((message) => message.role === "user")?.text ?? "";
  if (said === "slow") return { text: "too late", delayMs: 5000 };
  if (said === "runTools" && request.messages.at(-1)?.role !== "tool")
    return { toolCalls: [{ name: "look", arguments: {} }] };
  if (said === "breakEarly") return { text: `${said} ${"word ".repeat(50)}`, chunkDelayMs: 1 };
  if (said === "retry" && request.headers["x-stainless-retry-count"] === "0")
    return { status: 429, retryAfterSeconds: 0.01 };
  return { text: `answer to ${said}`, chunkCharacters: 4 };
}

const expected = {
  create: "answer to create",
  withResponse: "200 answer to withResponse",
  asResponse: "answer to asResponse",
  parse: "answer to parse",
  stream: "answer to stream",
  breakEarly: "broke",
  streamHelper: "answer to streamHelper",
  responses: "answer to responses",
  responsesParse: "answer to responsesParse",
  responsesStream: "answer to responsesStream",
  embeddings: 16,
  withOptions: "answer to withOptions",
  runTools: "answer to runTools",
  abort: "Error: Request was aborted.",
  retry: "answer to retry",
};

beforeAll(async () => {
  server = await startTestServer();
  model = await startScriptedModel({ answer });
});
afterAll(async () => {
  await model.close();
  await server.close();
});

async function talkZeroCode(
  script: string,
  openai: string,
  environment: Record<string, string>,
): Promise<{ seen: unknown; errors: string }> {
  const { stdout, stderr } = await run(
    process.execPath,
    [
      "--conditions=@plumbline/source",
      "--import",
      "@plumbline/instrumentation/register",
      join(agents, script),
      openai,
    ],
    { env: { ...process.env, NODE_OPTIONS: "", MODEL_URL: model.baseUrl, ...environment }, timeout: 25_000 },
  );
  return { seen: JSON.parse(stdout), errors: stderr };
}

describe.each(["openai5", "openai6", "openai"])("%s without code", (openai) => {
  it.each(["zero-code.mjs", "zero-code.cjs"])("behaves as before and is seen under %s", async (script) => {
    const service = `${openai}-${script}`;
    const dataDirectory = mkdtempSync(join(tmpdir(), "plumbline-"));
    const { seen, errors } = await talkZeroCode(script, openai, {
      PLUMBLINE_ENDPOINT: server.url,
      PLUMBLINE_SERVICE: service,
      PLUMBLINE_DATA_DIR: dataDirectory,
    });
    expect(seen).toEqual(expected);
    expect(errors).toBe("");
    const mine = server.events.filter((event) => "agentName" in event && event.agentName === service);
    const runs = new Set(
      mine.filter((event) => event.name === "plumbline.run.start").map((event) => event.runId),
    );
    // One conversation is one run; embeddings belong to none.
    expect(runs.size).toBe(Object.keys(expected).length - 1);
    const ends = mine.flatMap((event) =>
      event.name === "plumbline.step.end" && event.step.kind === "model" ? [event] : [],
    );
    expect(ends).toHaveLength(15);
    const outputs = ends.flatMap((event) => (event.step.kind === "model" ? (event.step.output ?? []) : []));
    expect(JSON.stringify(outputs)).toContain("answer to responsesStream");
    expect(ends.filter((event) => event.error !== null)).toHaveLength(1);
    expect(mine.some((event) => event.name === "plumbline.run.end" && event.status === "completed")).toBe(
      true,
    );
  });
});

describe("an agent without any server", () => {
  it("runs as before, says nothing and ends", async () => {
    const { seen, errors } = await talkZeroCode("zero-code.mjs", "openai", {
      PLUMBLINE_ENDPOINT: "http://127.0.0.1:9",
      PLUMBLINE_DATA_DIR: mkdtempSync(join(tmpdir(), "plumbline-")),
    });
    expect(seen).toEqual(expected);
    expect(errors).toBe("");
  });
});
