import { setTimeout as sleep } from "node:timers/promises";
import { type Directive, topic } from "@plumbline/contracts";
import { createSeededRandom } from "@plumbline/contracts/testing";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { announceSkip } from "./harness/skip.ts";
import { makeWithinMs } from "./harness/tool-cache.ts";
import { BusProbe } from "./support/bus-probe.ts";
import { DistributedStack } from "./support/distributed-stack.ts";
import { directiveAt } from "./support/held-directives.ts";
import { underLoad as sendUnderLoad } from "./support/expect-whole.ts";
import { startNudgedAgent, type NudgedAgent } from "./support/nudged-agent.ts";
import { residentBytes } from "./support/resident-memory.ts";
import type { Sent } from "./support/run-load.ts";

const reason = announceSkip("faults of the distributed deployment", [whyNoKafka()]);
/** `PLUMBLINE_FAULTS=long`: outages of a minute and ten kills instead of a taste of each. */
const long = process.env["PLUMBLINE_FAULTS"] === "long";
const brokerDownMs = long ? 60_000 : 10_000;
const storeDownMs = long ? 60_000 : 8_000;
const kills = long ? 10 : 2;
const random = createSeededRandom(Number(process.env["PLUMBLINE_SEED"] ?? 1));
/** After so long without a heartbeat a member's partitions go to others; twice that is enough for a zombie. */
const sessionTimeoutMs = 6_000;
const settleWithinMs = 60_000;
const mebibyte = 1_048_576;
/** Longer than a member that is put off waits before it asks again. */
const calmMs = 5_000;

describe.skipIf(reason !== undefined)("the distributed deployment, when something fails", () => {
  let stack: DistributedStack;
  let agent: NudgedAgent;
  let probe: BusProbe;
  let loads = 0;

  beforeAll(async () => {
    stack = await DistributedStack.start({ environment: { PLUMBLINE_PROFILE: "guard" } });
    probe = await BusProbe.open(stack.broker.brokers);
    agent = await startNudgedAgent({
      runId: "listener-1",
      url: stack.collector.url,
      dataDirectory: stack.dataDirectory,
      client: stack.client(),
    });
    await hear();
  }, makeWithinMs);

  afterAll(async () => {
    await agent.stop();
    await probe.close();
    await stack.dispose();
  });

  /** A person's words reach the agent; whatever was said before was heard once. */
  const hear = async (): Promise<void> => {
    try {
      await vi.waitFor(() => agent.nudge(30_000), { timeout: settleWithinMs, interval: 500 });
    } catch (error) {
      const held = await directiveAt(stack.collector.url, "listener-1");
      console.error(`The gateway holds ${JSON.stringify(held)}.\n${stack.logs()}`);
      throw error;
    }
    expect([...agent.heard().values()].filter((times) => times !== 1)).toEqual([]);
  };

  /** Runs of its own for every test. */
  const underLoad = (happening: (sent: Sent) => Promise<void>): Promise<Sent> => {
    loads += 1;
    return sendUnderLoad({ stack, probe, prefix: `load${String(loads)}` }, happening);
  };

  /**
   * How often each group was shared out anew while something happened, as the broker counts; a group that has come to
   * rest stays as it is.
   */
  const rebalancesDuring = async (happening: () => Promise<unknown>): Promise<number> => {
    const generations = (): number[] =>
      ["plumbline.ingest", "plumbline.runs"].map((group) => stack.broker.groupGeneration(group));
    const before = generations();
    await happening();
    const after = generations();
    await sleep(calmMs);
    expect(generations()).toEqual(after);
    const counts = after.map((generation, index) => generation - (before[index] ?? 0));
    console.info(`The groups were shared out anew ${counts.join(" and ")} times.`);
    return Math.max(...counts);
  };

  /** The listener's directive, once everything that was said to it has been acknowledged. */
  const settledDirective = async (): Promise<Directive> =>
    vi.waitFor(
      async () => {
        const directive = await directiveAt(stack.collector.url, "listener-1");
        if (directive === undefined || directive.nudges.length > 0) throw new Error("Not settled.");
        return directive;
      },
      { timeout: settleWithinMs, interval: 100 },
    );

  const analyzer = (index: number) => {
    const found = stack.analyzers[index];
    if (found === undefined) throw new RangeError(`No analyzer ${String(index)}.`);
    return found.process;
  };

  test("an analyzer killed mid-batch loses and doubles nothing, and says nothing twice", async () => {
    const { refused } = await underLoad(async () => {
      for (let kill = 0; kill < kills; kill += 1) {
        const victim = analyzer(kill % 2);
        await sleep(200 + random.next() * 2_000);
        await victim.kill();
        await victim.restart();
        await hear();
      }
    });
    expect(refused).toEqual([]);
  }, 600_000);

  test("an analyzer joins and leaves under load, and every partition goes on where it was", async () => {
    const rebalances = await rebalancesDuring(async () => {
      const { refused } = await underLoad(async () => {
        const third = await stack.addAnalyzer();
        await sleep(4_000);
        await third.process.stop();
        await hear();
      });
      expect(refused).toEqual([]);
    });
    expect(rebalances).toBeGreaterThanOrEqual(2);
    expect(rebalances).toBeLessThanOrEqual(4);
  }, 180_000);

  test("an owner that slept through its session changes nothing when it wakes up", async () => {
    await underLoad(async () => {
      const before = await settledDirective();
      process.kill(analyzer(0).processId, "SIGSTOP");
      await sleep(sessionTimeoutMs + 4_000);
      process.kill(analyzer(0).processId, "SIGCONT");
      await sleep(2_000);
      expect(await settledDirective()).toEqual(before);
      await hear();
    });
  }, 240_000);

  test("an older directive that a woken owner publishes last is replaced, so that it does not outlive the newer ones", async () => {
    await hear();
    const { generation } = await settledDirective();
    const [oldest] = await probe.directives("listener-1");
    expect(oldest?.generation).toBeLessThan(generation);
    await probe.publish(topic.controlState, oldest === undefined ? [] : [oldest.record]);
    expect((await probe.directives("listener-1")).at(-1)?.generation).toBe(oldest?.generation);
    const last = async (): Promise<number | undefined> =>
      (await probe.directives("listener-1")).at(-1)?.generation;
    await expect.poll(last, { timeout: 20_000, interval: 500 }).toBe(generation);
    expect(await settledDirective()).toMatchObject({ generation });
  }, 120_000);

  test("a gateway that is killed and started again gives the same directives, and agents come back", async () => {
    await underLoad(async () => {
      const before = await settledDirective();
      await stack.collector.process.kill();
      await sleep(1_000);
      await stack.collector.process.restart();
      expect(await settledDirective()).toEqual(before);
      await hear();
    });
  }, 180_000);

  test(`a broker that is killed and away for ${String(brokerDownMs / 1_000)} s costs nothing that was acknowledged`, async () => {
    const rebalances = await rebalancesDuring(async () => {
      const sent = await underLoad(async () => {
        await stack.broker.kill();
        await sleep(brokerDownMs);
        await stack.broker.restart();
        await sleep(3_000);
      });
      expect(sent.runs.length).toBeGreaterThan(10);
      await hear();
    });
    expect(rebalances).toBeLessThanOrEqual(6);
  }, 360_000);

  test(`while the store is away for ${String(storeDownMs / 1_000)} s agents are still stopped, memory stays bounded, and the rows follow`, async () => {
    const resident: number[] = [];
    await underLoad(async (sent) => {
      await stack.stopStore("SIGKILL");
      const runsBefore = sent.runs.length;
      for (let waitedMs = 0; waitedMs < storeDownMs; waitedMs += 500) {
        await sleep(500);
        resident.push(residentBytes(analyzer(0).processId), residentBytes(analyzer(1).processId));
      }
      const stuck = sent.runs.slice(runsBefore).find((run) => run.stuck);
      const verdict = directiveAt(stack.collector.url, stuck?.runId ?? "none");
      await stack.restartStore();
      expect((await verdict)?.desired).toBe("paused");
    });
    const mostMebibytes = Math.round(Math.max(...resident) / mebibyte);
    console.info(`An analyzer held at most ${String(mostMebibytes)} MiB while the store was away.`);
    expect(mostMebibytes).toBeLessThan(1_024);
    await hear();
  }, 360_000);

  test("what is delivered twice counts once", async () => {
    const repeated: number[] = [];
    await underLoad(async () => {
      const isLoad = ({ value }: { value: Uint8Array }): boolean =>
        Buffer.from(value).includes(`load${String(loads)}-`);
      repeated.push(
        await probe.repeat(topic.observations, isLoad),
        await probe.repeat(topic.commands, isLoad),
      );
      repeated.push(await probe.repeat(topic.controlState, isLoad));
    });
    expect(repeated[0]).toBeGreaterThan(100);
    await hear();
  }, 180_000);

  test("poison goes to the dead letters, and the rest of its partition goes on", async () => {
    const before = await probe.deadLetters();
    const texts = [
      "",
      "{",
      "null",
      "{}",
      "[]",
      '{"type":"command"}',
      '{"kind":"timer"}',
      '{"kind":"run-start"}',
      "\u0000\u0001",
    ];
    const partitions = [0, 1, 2, 3];
    const topics = [topic.spans, topic.logs, topic.observations, topic.commands];
    await underLoad(async () => {
      for (const name of topics) {
        const records = partitions.flatMap((partition) =>
          texts.map((text) => ({ key: null, value: new TextEncoder().encode(text), partition })),
        );
        await probe.publish(name, records);
      }
    });
    // Nothing at all is a valid export request in protobuf: one for spans and one for logs on each partition.
    const readable = 2 * partitions.length;
    const poisonous = texts.length * topics.length * partitions.length - readable;
    await expect.poll(async () => (await probe.deadLetters()) - before, { timeout: 20_000 }).toBe(poisonous);
    await hear();
  }, 180_000);
});
