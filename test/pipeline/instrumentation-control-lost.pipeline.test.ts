import {
  configurePlumbline,
  ControlLostError,
  instrumentOpenAI,
  plumblineStatus,
  shutdown,
  supervise,
} from "@plumbline/instrumentation";
import { type ScriptedModel, startScriptedModel } from "@plumbline/instrumentation/testing";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestServer, type TestServer } from "./instrumentation-harness.ts";

const keys = generateKeyPairSync("ed25519");
const leaseMs = 200;
let server: TestServer;
let model: ScriptedModel;
let openai: OpenAI;

const ask = () => openai.chat.completions.create({ model: "m", messages: [{ role: "user", content: "x" }] });
const wait = (durationMs: number) => new Promise((resolve) => setTimeout(resolve, durationMs));

beforeAll(async () => {
  server = await startTestServer({ keys });
  model = await startScriptedModel({ answer: () => ({ text: "a" }) });
  configurePlumbline({
    endpoint: server.url,
    trustedKeys: server.trustedKeys,
    dataDirectory: mkdtempSync(join(tmpdir(), "plumbline-")),
    controlLeaseMs: leaseMs,
  });
  openai = instrumentOpenAI(new OpenAI({ apiKey: "none", baseURL: model.baseUrl }));
});
afterAll(async () => {
  await shutdown();
  await model.close();
  await server.close();
});

describe("when the control channel is lost", () => {
  it("each run does what it declared, and what was told meanwhile arrives later", async () => {
    const oldPort = server.port;
    const until = { stop: false };
    let callsWhilePaused = 0;
    const loop = async (each: () => void) => {
      while (!until.stop) {
        await ask();
        each();
        await wait(10);
      }
      return "went on";
    };
    const running = supervise({ name: "a", runId: "r-continue" }, () => loop(() => undefined));
    const paused = supervise({ name: "a", runId: "r-wait", onControlLost: "pause" }, () =>
      loop(() => (callsWhilePaused += 1)),
    );
    const stopped = supervise({ name: "a", runId: "r-stop", onControlLost: "stop" }, () =>
      loop(() => undefined),
    );
    await server.waitFor("all runs started", () => server.eventsOf("plumbline.run.start").length === 3);
    await server.waitFor("the channel stands", () => plumblineStatus().controlConnected);
    await server.close();
    await expect(stopped).rejects.toBeInstanceOf(ControlLostError);
    await wait(100);
    const before = callsWhilePaused;
    await wait(100);
    expect(callsWhilePaused).toBe(before);
    server = await startTestServer({ keys, port: oldPort });
    await server.waitFor("the paused run goes on", () => callsWhilePaused > before + 1);
    until.stop = true;
    expect(await running).toBe("went on");
    expect(await paused).toBe("went on");
    await server.waitFor(
      "the end of the stopped run arrived",
      () => server.eventsOf("plumbline.run.end", "r-stop")[0]?.stopReason === "CONTROL_LOST",
    );
  });
});
