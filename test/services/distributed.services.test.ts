import { systemClock } from "@plumbline/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { announceSkip } from "./harness/skip.ts";
import { makeWithinMs } from "./harness/tool-cache.ts";
import { runDistributedDemo, whyNoDistributedDemo } from "./support/distributed-demo.ts";
import { DistributedStack } from "./support/distributed-stack.ts";

const noKafka = announceSkip("Plumbline's parts as processes on Kafka", [whyNoKafka()]);
const noDemo = announceSkip("the demo behind the stock Collector", whyNoDistributedDemo());

describe.skipIf(noKafka !== undefined)("Plumbline's parts as processes on Kafka", () => {
  let stack: DistributedStack;

  beforeAll(async () => {
    stack = await DistributedStack.start();
  }, makeWithinMs);

  afterAll(() => stack.dispose());

  test("each says that it lives, that it is ready, and what it counts", async () => {
    for (const { url } of [...stack.analyzers, stack.collector, stack.console]) {
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      const metrics = await fetch(`${url}/metrics`);
      expect(metrics.headers.get("content-type")).toContain("version=0.0.4");
      expect(await metrics.text()).toMatch(/^# /);
    }
  });

  test("an analyzer whose store is gone lives but is not ready, and is again once the store is back", async () => {
    const url = stack.analyzers[0]?.url ?? "";
    await stack.stopStore("SIGKILL");
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    await stack.restartStore();
    await expect.poll(async () => (await fetch(`${url}/readyz`)).status, { timeout: 20_000 }).toBe(200);
  });
});

describe.skipIf(noDemo !== undefined)("the demo behind the stock Collector", () => {
  test(
    "every agent ends as expected, Jaeger shows the finding, the rows are in the store",
    async () => {
      const printed: string[] = [];
      const print = (text: string): void => void printed.push(text);
      const context = {
        clock: systemClock,
        environment: process.env,
        client: () => {
          throw new Error("The demo has a client of its own.");
        },
        print,
        printError: print,
        signal: new AbortController().signal,
        die: () => undefined,
      };
      const passed = await runDistributedDemo(context, 1);
      if (!passed) console.error(printed.join("\n"));
      expect(passed).toBe(true);
    },
    makeWithinMs,
  );
});
