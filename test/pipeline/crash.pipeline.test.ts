import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { controlPath, pollResponseSchema, type Directive } from "@plumbline/contracts";
import { createSeededRandom } from "@plumbline/contracts/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createOperatorClient } from "../../packages/cli/src/api/operator-client.ts";
import { stuckRun } from "./support/agent-telemetry.ts";
import {
  createPlace,
  startPlumbline,
  type PlumblinePlace,
  type PlumblineProcess,
} from "./support/plumbline-process.ts";

/** Twenty take two minutes; the tier that every change runs takes fewer. */
const crashes = Number(process.env["PLUMBLINE_CRASHES"] ?? 4);
const random = createSeededRandom(Number(process.env["PLUMBLINE_SEED"] ?? 1));

let directory: string;
let place: PlumblinePlace;
let running: PlumblineProcess;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "plumbline-crash-"));
  place = await createPlace(directory);
  running = await startPlumbline(place);
}, 60_000);

afterAll(async () => {
  await running.stop();
  await rm(directory, { recursive: true, force: true });
});

const url = (path: string): string => `http://127.0.0.1:${String(place.otlpHttpPort)}${path}`;
const client = () =>
  createOperatorClient({ url: `http://127.0.0.1:${String(place.apiPort)}`, token: undefined });

/** Sends a body once. Only a 200 is a promise; anything else promises nothing. */
async function send(body: Uint8Array<ArrayBuffer>): Promise<boolean> {
  try {
    const response = await fetch(url("/v1/logs"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

async function directiveOf(runId: string): Promise<Directive | undefined> {
  const response = await fetch(url(controlPath.poll), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ runs: { [runId]: 0 }, waitMs: 0 }),
  });
  if (response.status !== 200) return undefined;
  const { directives } = pollResponseSchema.parse(await response.json());
  return directives[0] === undefined ? undefined : (JSON.parse(directives[0].payload) as Directive);
}

interface Sent {
  acknowledged: string[];
  refused: string[];
}

/** Names the one log record of a body. */
function idOf(body: Uint8Array): string {
  const text = new TextDecoder().decode(body);
  const read = (name: string): string => new RegExp(`"${name}":"([^"]*)"`).exec(text)?.[1] ?? "";
  return `${read("traceId")}/${read("spanId")}/${read("eventName")}`;
}

/** Sends runs without a pause until told to stop, every record with a span id of its own. */
async function keepSending(sent: Sent, stop: AbortSignal): Promise<void> {
  for (let run = 0; !stop.aborted; run += 1) {
    for (const { value } of stuckRun(`load-${String(run)}`, 4, 1_700_000_000_000 + run * 104_729)) {
      if (stop.aborted) return;
      const accepted = await send(value as Uint8Array<ArrayBuffer>);
      (accepted ? sent.acknowledged : sent.refused).push(idOf(value));
      if (!accepted) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function storedTimes(): Promise<Map<string, number>> {
  const result = await client().sql(
    "SELECT concat(TraceId, '/', SpanId, '/', EventName) AS Id, count() AS Times FROM otel_logs WHERE LogAttributes['plumbline.run.id'] LIKE 'load-%' GROUP BY Id LIMIT 100000",
  );
  return new Map(result.rows.map((row) => [String(row["Id"]), Number(row["Times"])]));
}

describe("plumbline up, killed at any moment and started again", () => {
  it(
    `keeps what it acknowledged exactly once, and what it commanded, over ${String(crashes)} crashes`,
    { timeout: 60_000 + crashes * 20_000 },
    async () => {
      for (const record of stuckRun("held", 8, Date.now()))
        await send(record.value as Uint8Array<ArrayBuffer>);
      for (const record of stuckRun("doomed", 2, Date.now() + 5))
        await send(record.value as Uint8Array<ArrayBuffer>);
      await vi.waitFor(async () => expect((await directiveOf("held"))?.desired).toBe("paused"), {
        timeout: 15_000,
        interval: 100,
      });
      await vi.waitFor(async () => expect((await client().run("doomed")).run.runId).toBe("doomed"), {
        timeout: 15_000,
        interval: 100,
      });
      await client().command("doomed", { verb: "kill", message: "test" });
      await vi.waitFor(async () => expect((await directiveOf("doomed"))?.desired).toBe("killed"), {
        timeout: 15_000,
        interval: 100,
      });
      const before = { held: await directiveOf("held"), doomed: await directiveOf("doomed") };

      const sent: Sent = { acknowledged: [], refused: [] };
      const stop = new AbortController();
      const sending = keepSending(sent, stop.signal);
      for (let crash = 0; crash < crashes; crash += 1) {
        await new Promise((resolve) => setTimeout(resolve, 200 + random.next() * 2_000));
        await running.killHard();
        running = await startPlumbline(place);
        await vi.waitFor(async () => expect(await directiveOf("held")).toEqual(before.held), {
          timeout: 15_000,
          interval: 100,
        });
        expect(await directiveOf("doomed")).toEqual(before.doomed);
      }
      stop.abort();
      await sending;

      expect(sent.acknowledged.length).toBeGreaterThan(100);
      await vi.waitFor(
        async () => {
          const stored = await storedTimes();
          expect(sent.acknowledged.filter((id) => stored.get(id) !== 1)).toEqual([]);
          expect(sent.refused.filter((id) => (stored.get(id) ?? 0) > 1)).toEqual([]);
        },
        { timeout: 20_000, interval: 500 },
      );
      const findings = await client().sql(
        "SELECT RunId, Kind, count() AS Times FROM (SELECT DISTINCT RunId, Kind, FindingId FROM findings) GROUP BY RunId, Kind HAVING Times > 1",
      );
      expect(findings.rows).toEqual([]);
    },
  );
});
