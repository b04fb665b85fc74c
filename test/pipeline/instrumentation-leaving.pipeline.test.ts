import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { sourceFlags } from "../source-flags.ts";
import { startTestServer, type TestServer } from "./instrumentation-harness.ts";

const entry = fileURLToPath(new URL("./instrumentation-agents/leaver.ts", import.meta.url));

interface Leaver {
  child: ChildProcess;
  output(): string;
}

function startLeaver(server: TestServer, patienceMs: number): Leaver {
  const child = fork(entry, [], {
    execArgv: sourceFlags,
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    env: {
      ...process.env,
      PLUMBLINE_ENDPOINT: server.url,
      PLUMBLINE_DATA_DIR: mkdtempSync(join(tmpdir(), "plumbline-")),
      LEAVER_PATIENCE_MS: String(patienceMs),
    },
  });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (chunk: Buffer) => void (printed += chunk.toString()));
  onTestFinished(() => void child.kill("SIGKILL"));
  return { child, output: () => printed };
}

const endOf = (server: TestServer, runId: string): number =>
  server.eventsOf("plumbline.run.end", runId).length;

describe("an agent whose receiver goes away before its end", () => {
  it("ends as it would have ended, after the time that it gives its telemetry", async () => {
    const server = await startTestServer();
    const { child, output } = startLeaver(server, 1_000);
    await server.waitFor("the first run ended", () => endOf(server, "before") === 1);
    await server.close();
    child.send("gone");
    const [code] = (await once(child, "exit")) as [number | null];
    expect([code, output()]).toEqual([0, "left in good order"]);
  });

  it("still tells of its end when the receiver comes back within that time", async () => {
    const server = await startTestServer();
    const { child, output } = startLeaver(server, 60_000);
    await server.waitFor("the first run ended", () => endOf(server, "before") === 1);
    await server.close();
    child.send("gone");
    await new Promise((resolve) => setTimeout(resolve, 700));
    const back = await startTestServer({ port: server.port });
    const [code] = (await once(child, "exit")) as [number | null];
    expect([code, output()]).toEqual([0, "left in good order"]);
    expect(endOf(back, "after")).toBe(1);
    await back.close();
  });
});
