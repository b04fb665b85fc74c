import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  configurePlumbline,
  type InstrumentationConfig,
  instrumentOpenAI,
  shutdown,
} from "@plumbline/instrumentation";
import {
  type ScriptedModel,
  type ScriptedModelOptions,
  startScriptedModel,
} from "@plumbline/instrumentation/testing";
import OpenAI, { type ClientOptions } from "openai";
import { afterAll } from "vitest";
import { startTestServer, type TestServer, type TestServerOptions } from "../instrumentation-harness.ts";

/** A test server that agents of this process report to and obey, until the tests of the file are over. */
export async function serveAgents(
  config: InstrumentationConfig = {},
  options: TestServerOptions = {},
): Promise<TestServer> {
  const server = await startTestServer(options);
  const { url: endpoint, trustedKeys } = server;
  const dataDirectory = mkdtempSync(join(tmpdir(), "plumbline-agents-"));
  configurePlumbline({ endpoint, trustedKeys, dataDirectory, ...config });
  afterAll(async () => {
    await shutdown();
    await server.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  return server;
}

/** A scripted model and a client under supervision that asks it, until the tests of the file are over. */
export async function serveModel(
  answer: ScriptedModelOptions["answer"],
  options: ClientOptions = {},
): Promise<{ model: ScriptedModel; openai: OpenAI }> {
  const model = await startScriptedModel({ answer });
  afterAll(() => model.close());
  const openai = instrumentOpenAI(new OpenAI({ apiKey: "none", baseURL: model.baseUrl, ...options }));
  return { model, openai };
}
