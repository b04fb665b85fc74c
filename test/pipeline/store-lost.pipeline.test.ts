import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { stuckRun } from "./support/agent-telemetry.ts";
import { createPlace, startPlumbline } from "./support/plumbline-process.ts";
import { arrival, UpProcess } from "./support/up-process.ts";

const preloaded = new URL("./support/fail-database-thread.ts", import.meta.url).href;

it(
  "a process whose database thread has failed ends and says so, and nothing that it acknowledged is lost",
  { timeout: 90_000 },
  async () => {
    const directory = await mkdtemp(join(tmpdir(), "plumbline-lost-"));
    const place = await createPlace(directory);
    const failing = await startPlumbline({
      ...place,
      environment: { NODE_OPTIONS: `--import ${preloaded}` },
    });
    onTestFinished(async () => {
      failing.child.kill("SIGKILL");
      await rm(directory, { recursive: true, force: true });
    });

    const url = `http://127.0.0.1:${String(place.otlpHttpPort)}/v1/logs`;
    const send = async (body: Uint8Array): Promise<boolean> => {
      const headers = { "content-type": "application/json" };
      const sent = fetch(url, { method: "POST", headers, body: body as Uint8Array<ArrayBuffer> });
      return sent.then(
        ({ status }) => status === 200,
        () => false,
      );
    };
    const ended = once(failing.child, "exit") as Promise<[number | null, string | null]>;
    let acknowledged = 0;
    for (let run = 0; failing.child.signalCode === null && run < 500; run += 1) {
      for (const { value } of stuckRun(`lost-${String(run)}`, 4, 1_700_000_000_000 + run * 104_729))
        if (await send(value)) acknowledged += 1;
      if (run === 5) failing.child.kill("SIGUSR2");
    }
    // The library may take the process down before the process does so itself.
    const [, signal] = await ended;
    expect(["SIGKILL", "SIGABRT"]).toContain(signal);
    if (signal === "SIGKILL")
      expect(failing.output()).toMatch(/embedded database .* is gone: .*Start the process again/);

    const up = await UpProcess.start(place);
    onTestFinished(() => up.stop());
    await vi.waitFor(
      async () =>
        expect(
          await up.count(
            "SELECT count() AS N FROM otel_logs WHERE LogAttributes['plumbline.run.id'] LIKE 'lost-%'",
          ),
        ).toBe(acknowledged),
      arrival,
    );
    expect(acknowledged).toBeGreaterThan(20);
  },
);
