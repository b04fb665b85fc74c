import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startTestServer } from "./instrumentation-harness.ts";

it("the agent on the protocol's page obeys: nudge, pause, resume, kill", async () => {
  const page = readFileSync(new URL("../../docs/control-protocol.md", import.meta.url), "utf8");
  const code = /```js\n([\s\S]*?)```/u.exec(page)?.[1] ?? "";
  const directory = mkdtempSync(join(tmpdir(), "plumbline-"));
  const server = await startTestServer();
  writeFileSync(join(directory, "agent.mjs"), code);
  writeFileSync(
    join(directory, "control-public-keys.json"),
    JSON.stringify({ version: 1, keys: server.trustedKeys }),
  );
  const runId = "r-page";
  const environment = {
    ...process.env,
    NODE_OPTIONS: "",
    PLUMBLINE_ENDPOINT: server.url,
    PLUMBLINE_DATA_DIR: directory,
  };
  const agent = spawn(process.execPath, [join(directory, "agent.mjs"), runId], {
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<number | null>((resolve) => agent.once("exit", resolve));
  let output = "";
  agent.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const acks = () =>
    server
      .eventsOf("plumbline.ack", runId)
      .map(({ ack }) => `${ack.phase} ${ack.subject.kind} ${String(ack.generation)}`);

  await server.waitFor("it works", () => output.includes("count"));
  server.direct(runId, { nudges: [{ id: "n-1", text: "the other shop" }] });
  await server.waitFor(
    "the nudge was given",
    () => acks().includes("applied nudge 1") && output.includes("the other shop"),
  );
  server.direct(runId, { desired: "paused", reason: "USER_PAUSED" });
  await server.waitFor("it paused", () => acks().includes("applied directive 2"));
  const before = output;
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(output).toBe(before);
  server.direct(runId, { desired: "running", reason: null });
  await server.waitFor("it goes on", () => output.length > before.length);
  server.direct(runId, { desired: "killed", reason: "USER_KILLED", message: "enough" });
  expect(await exited).toBe(3);
  expect(server.eventsOf("plumbline.run.end", runId)[0]).toMatchObject({
    status: "killed",
    message: "enough",
  });
  expect(output.split("the other shop")).toHaveLength(2);
  await server.close();
});
