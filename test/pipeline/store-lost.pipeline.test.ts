import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BusRecord } from "@plumbline/bus";
import { expect, it, onTestFinished, vi } from "vitest";
import { stuckRun } from "./support/agent-telemetry.ts";
import { createPlace, startPlumbline } from "./support/plumbline-process.ts";
import { arrival, UpProcess } from "./support/up-process.ts";

const preloaded = new URL("./support/fail-database-thread.ts", import.meta.url).href;

interface LogBody {
  resourceLogs: { scopeLogs: { logRecords: { traceId: string; spanId: string; eventName: string }[] }[] }[];
}

/** Which event of which call a body holds. */
function eventOf(body: Uint8Array): string {
  const { resourceLogs } = JSON.parse(new TextDecoder().decode(body)) as LogBody;
  const record = resourceLogs[0]?.scopeLogs[0]?.logRecords[0];
  return `${String(record?.traceId)} ${String(record?.spanId)} ${String(record?.eventName)}`;
}

async function storedEvents(up: UpProcess): Promise<string[]> {
  const { rows } = await up.client.sql(
    "SELECT groupArray(concat(TraceId, ' ', SpanId, ' ', EventName)) AS Events FROM otel_logs WHERE LogAttributes['plumbline.run.id'] LIKE 'lost-%'",
  );
  return rows[0]?.["Events"] as string[];
}

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
    const acknowledged: string[] = [];
    const unanswered: string[] = [];
    const send = async ({ value }: BusRecord): Promise<void> => {
      const headers = { "content-type": "application/json" };
      const sent = fetch(url, { method: "POST", headers, body: value as Uint8Array<ArrayBuffer> });
      const answered = await sent.catch(() => null);
      if (answered?.status === 200) acknowledged.push(eventOf(value));
      else if (answered === null) unanswered.push(eventOf(value));
    };
    const ended = once(failing.child, "exit") as Promise<[number | null, string | null]>;
    for (let run = 0; failing.child.signalCode === null && run < 500; run += 1) {
      for (const record of stuckRun(`lost-${String(run)}`, 4, 1_700_000_000_000 + run * 104_729))
        await send(record);
      if (run === 5) failing.child.kill("SIGUSR2");
    }
    // The library may take the process down before the process does so itself.
    const [, signal] = await ended;
    expect(["SIGKILL", "SIGABRT"]).toContain(signal);
    if (signal === "SIGKILL")
      expect(failing.output()).toMatch(/embedded database .* is gone: .*Start the process again/);

    const up = await UpProcess.start(place);
    onTestFinished(() => up.stop());
    await vi.waitFor(async () => {
      const stored = await storedEvents(up);
      expect(stored).toEqual([...new Set(stored)]);
      expect(stored).toEqual(expect.arrayContaining(acknowledged));
      // What the process took in right before its end it could not answer any more.
      expect([...acknowledged, ...unanswered]).toEqual(expect.arrayContaining(stored));
    }, arrival);
    expect(acknowledged.length).toBeGreaterThan(20);
  },
);
