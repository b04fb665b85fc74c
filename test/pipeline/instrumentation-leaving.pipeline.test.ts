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

/** An agent that has told of one run, and whose receiver is gone now. */
async function leftAlone(patienceMs: number): Promise<Leaver & { port: number }> {
  const server = await startTestServer();
  const leaver = startLeaver(server, patienceMs);
  await server.waitFor("the first run ended", () => endOf(server, "before") === 1);
  await server.close();
  leaver.child.send("gone");
  return { ...leaver, port: server.port };
}

async function lastWordsOf({ child, output }: Leaver): Promise<string> {
  const [code] = (await once(child, "exit")) as [number | null];
  return `${output()} (exit ${String(code)})`;
}

describe("an agent whose receiver goes away before its end", () => {
  it("ends as it would have ended, after the time that it gives its telemetry", async () => {
    expect(await lastWordsOf(await leftAlone(1_000))).toBe("left in good order (exit 0)");
  });

  it("still tells of its end when the receiver comes back within that time", async () => {
    const { port, ...leaver } = await leftAlone(60_000);
    await new Promise((resolve) => setTimeout(resolve, 700));
    const back = await startTestServer({ port });
    expect(await lastWordsOf(leaver)).toBe("left in good order (exit 0)");
    expect(endOf(back, "after")).toBe(1);
    await back.close();
  });
});
