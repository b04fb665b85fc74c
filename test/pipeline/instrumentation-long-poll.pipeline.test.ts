import {
  configurePlumbline,
  instrumentOpenAI,
  RunKilledError,
  shutdown,
  supervise,
} from "@plumbline/instrumentation";
import { startScriptedModel } from "@plumbline/instrumentation/testing";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { expect, it } from "vitest";
import { startTestServer } from "./instrumentation-harness.ts";

it("an agent whose gateway has no streams obeys by long poll", async () => {
  const server = await startTestServer({ withoutStreams: true });
  const model = await startScriptedModel({ answer: () => ({ text: "a" }) });
  configurePlumbline({
    endpoint: server.url,
    trustedKeys: server.trustedKeys,
    dataDirectory: mkdtempSync(join(tmpdir(), "plumbline-")),
  });
  const openai = instrumentOpenAI(new OpenAI({ apiKey: "none", baseURL: model.baseUrl }));
  const ended = supervise({ name: "a", runId: "r-poll" }, async () => {
    await server.waitFor("it polls", () => server.polls >= 2);
    const polls = server.polls;
    server.publish("r-poll", server.sign({ ...server.direct("r-poll", {}), desired: "killed" }, "k-unknown"));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.polls - polls).toBeLessThan(5);
    server.direct("r-poll", { desired: "killed", reason: "USER_KILLED", message: "stop" });
    for (;;) await openai.chat.completions.create({ model: "m", messages: [{ role: "user", content: "x" }] });
  });
  await expect(ended).rejects.toBeInstanceOf(RunKilledError);
  expect(server.streamsOpened).toBe(0);
  await shutdown();
  await model.close();
  await server.close();
});
