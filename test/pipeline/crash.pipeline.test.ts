import type { Directive } from "@plumbline/contracts";
import { createSeededRandom } from "@plumbline/contracts/testing";
import { describe, expect, it, vi } from "vitest";
import { directiveAt } from "../services/support/held-directives.ts";
import { stuckRun } from "./support/agent-telemetry.ts";
import { arrival, serveUp } from "./support/up-process.ts";

/** Twenty take two minutes; the tier that every change runs takes fewer. */
const crashes = Number(process.env["PLUMBLINE_CRASHES"] ?? 4);
/** Records that are acknowledged between two crashes, at the least. */
const leastBetweenCrashes = 25;
const random = createSeededRandom(Number(process.env["PLUMBLINE_SEED"] ?? 1));

const up = await serveUp();
const { client } = up;

/** Sends a body once. Only a 200 is a promise; anything else promises nothing. */
const send = (body: Uint8Array): Promise<boolean> =>
  up.post("/v1/logs", body).then(
    (status) => status === 200,
    () => false,
  );

const directiveOf = (runId: string): Promise<Directive | undefined> => directiveAt(up.otlpUrl, runId);

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
      const accepted = await send(value);
      (accepted ? sent.acknowledged : sent.refused).push(idOf(value));
      if (!accepted) await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

async function storedTimes(): Promise<Map<string, number>> {
  const result = await client.sql(
    "SELECT concat(TraceId, '/', SpanId, '/', EventName) AS Id, count() AS Times FROM otel_logs WHERE LogAttributes['plumbline.run.id'] LIKE 'load-%' GROUP BY Id LIMIT 100000",
  );
  return new Map(result.rows.map((row) => [String(row["Id"]), Number(row["Times"])]));
}

describe("plumbline up, killed at any moment and started again", () => {
  it(
    `keeps what it acknowledged exactly once, and what it commanded, over ${String(crashes)} crashes`,
    { timeout: 60_000 + crashes * 20_000 },
    async () => {
      for (const record of stuckRun("held", 8, Date.now())) await send(record.value);
      for (const record of stuckRun("doomed", 2, Date.now() + 5)) await send(record.value);
      const held = await up.directive("held", "paused");
      await vi.waitFor(async () => expect((await client.run("doomed")).run.runId).toBe("doomed"), arrival);
      await client.command("doomed", { verb: "kill", message: "test" });
      const doomed = await up.directive("doomed", "killed");

      const sent: Sent = { acknowledged: [], refused: [] };
      const stop = new AbortController();
      const sending = keepSending(sent, stop.signal);
      for (let crash = 0; crash < crashes; crash += 1) {
        const before = sent.acknowledged.length;
        await new Promise((resolve) => setTimeout(resolve, 200 + random.next() * 2_000));
        await vi.waitFor(
          () => expect(sent.acknowledged.length - before).toBeGreaterThan(leastBetweenCrashes),
          arrival,
        );
        await up.killAndRestart();
        await vi.waitFor(async () => expect(await directiveOf("held")).toEqual(held), arrival);
        expect(await directiveOf("doomed")).toEqual(doomed);
      }
      stop.abort();
      await sending;

      await vi.waitFor(
        async () => {
          const stored = await storedTimes();
          expect(sent.acknowledged.filter((id) => stored.get(id) !== 1)).toEqual([]);
          expect(sent.refused.filter((id) => (stored.get(id) ?? 0) > 1)).toEqual([]);
        },
        { timeout: 20_000, interval: 500 },
      );
      const findings = await client.sql(
        "SELECT RunId, Kind, count() AS Times FROM (SELECT DISTINCT RunId, Kind, FindingId FROM findings) GROUP BY RunId, Kind HAVING Times > 1",
      );
      expect(findings.rows).toEqual([]);
    },
  );
});
