import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { chunksOf } from "./harness/otlp-traffic.ts";
import { announceSkip } from "./harness/skip.ts";
import { makeWithinMs } from "./harness/tool-cache.ts";
import { DistributedStack } from "./support/distributed-stack.ts";
import { directiveAt } from "./support/held-directives.ts";
import { residentBytes } from "./support/resident-memory.ts";
import { mergedRequest, postLogs, recordsOfRun } from "./support/run-load.ts";

const reason = announceSkip("how long recovery takes with many live runs", [
  whyNoKafka(),
  process.env["PLUMBLINE_FAULTS"] === "long" ? undefined : "it is measured with PLUMBLINE_FAULTS=long only",
]);
const liveRuns = Number(process.env["PLUMBLINE_LIVE_RUNS"] ?? 10_000);
const runsPerRequest = 50;
/** Enough that every partition has one. */
const freshRuns = 16;
/** Start, and one call with its end: a run that is under way. */
const openingRecords = 3;

const traceIdOf = (kind: string, number: number): string =>
  `${kind}${number.toString(16).padStart(8, "0")}`.padStart(32, "b");

describe.skipIf(reason !== undefined)("recovery with many live runs", () => {
  let stack: DistributedStack;

  beforeAll(async () => {
    stack = await DistributedStack.start({ environment: { PLUMBLINE_PROFILE: "guard" } });
  }, makeWithinMs);

  afterAll(() => stack.dispose());

  const send = async (number: number, stuck: boolean): Promise<Uint8Array[]> => {
    const runId = `${stuck ? "fresh" : "live"}-${String(number)}`;
    const records = recordsOfRun(
      { runId, stuck, whole: true },
      traceIdOf(stuck ? "f" : "e", number),
      Date.now(),
    );
    return Promise.resolve((stuck ? records : records.slice(0, openingRecords)).map(({ body }) => body));
  };

  const resident = (): number[] =>
    stack.analyzers.map(({ process: { processId } }) => Math.round(residentBytes(processId) / 1_048_576));

  test(`both analyzers are killed while ${String(liveRuns)} runs live, and verdicts come again on every partition`, async () => {
    const emptyMebibytes = resident();
    const numbers = Array.from({ length: liveRuns }, (_unused, index) => index);
    for (const chunk of chunksOf(numbers, runsPerRequest)) {
      const bodies = (await Promise.all(chunk.map((number) => send(number, false)))).flat();
      expect(await postLogs(stack.collector.url, mergedRequest(bodies))).toBe(true);
    }
    const stored = async (): Promise<number> => {
      const [row] = await stack.readStore<{ N: string }>("SELECT count() AS N FROM plumbline.runs FINAL");
      return Number(row?.N ?? 0);
    };
    await vi.waitFor(async () => expect(await stored()).toBe(liveRuns), {
      timeout: 300_000,
      interval: 1_000,
    });
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    const heldMebibytes = resident();

    const killedAtMs = performance.now();
    await Promise.all(stack.analyzers.map(({ process: analyzer }) => analyzer.kill()));
    await Promise.all(stack.analyzers.map(({ process: analyzer }) => analyzer.restart()));
    const readyMs = performance.now() - killedAtMs;
    const paused = async (number: number): Promise<void> => {
      for (const body of await send(number, true)) await postLogs(stack.collector.url, body);
      const check = async (): Promise<void> =>
        expect((await directiveAt(stack.collector.url, `fresh-${String(number)}`))?.desired).toBe("paused");
      await vi.waitFor(check, { timeout: 120_000, interval: 50 });
    };
    await Promise.all(Array.from({ length: freshRuns }, (_unused, number) => paused(number)));
    const recoveredMs = performance.now() - killedAtMs;
    console.info(
      `${String(liveRuns)} live runs, analyzers of ${heldMebibytes.join(" and ")} MiB (${emptyMebibytes.join(" and ")} without runs): ready ${String(Math.round(readyMs))} ms after kill -9, verdicts on every partition after ${String(Math.round(recoveredMs))} ms`,
    );
  }, 900_000);
});
