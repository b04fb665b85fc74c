import { createSeededRandom } from "@plumbline/contracts/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { writeNames } from "./crash-points/writes.ts";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { announceSkip } from "./harness/skip.ts";
import { makeWithinMs } from "./harness/tool-cache.ts";
import { BusProbe } from "./support/bus-probe.ts";
import { DistributedStack } from "./support/distributed-stack.ts";
import { underLoad } from "./support/expect-whole.ts";

const reason = announceSkip("an analyzer that is killed between two writes", [whyNoKafka()]);
const random = createSeededRandom(Number(process.env["PLUMBLINE_SEED"] ?? 1));
/** An analyzer makes its write a few times before it is killed: not always at the beginning of a partition. */
const atMostTimes = 3;

describe.skipIf(reason !== undefined)("an analyzer that is killed between two writes", () => {
  let stack: DistributedStack;
  let probe: BusProbe;

  beforeAll(async () => {
    const environment = { PLUMBLINE_PROFILE: "guard", PLUMBLINE_KAFKA_SESSION_TIMEOUT_MS: "3000" };
    stack = await DistributedStack.start({ environment, analyzers: 1 });
    probe = await BusProbe.open(stack.broker.brokers);
  }, makeWithinMs);

  afterAll(async () => {
    await probe.close();
    await stack.dispose();
  });

  test(`once after each of its ${String(writeNames.length)} writes, loses and doubles nothing and contradicts no directive`, async () => {
    const { refused, runs } = await underLoad({ stack, probe, prefix: "points" }, async () => {
      const left = [...writeNames];
      const dieInTurn = async (): Promise<void> => {
        for (let name = left.shift(); name !== undefined; name = left.shift()) {
          const times = 1 + Math.floor(random.next() * atMostTimes);
          const ended = await stack.runDyingAnalyzer(name, times);
          expect({ name, ended }).toEqual({ name, ended: "SIGKILL" });
        }
      };
      await Promise.all([dieInTurn(), dieInTurn()]);
    });
    expect(refused).toEqual([]);
    expect(runs.length).toBeGreaterThan(100);
  }, 600_000);
});
