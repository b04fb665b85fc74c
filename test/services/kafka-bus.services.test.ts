import { createKafkaBus } from "@plumbline/bus";
import { afterAll, beforeAll, describe } from "vitest";
import { describeBus } from "../../packages/bus/src/bus.contract.ts";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { KafkaBroker } from "./harness/kafka.ts";
import { announceSkip } from "./harness/skip.ts";

const reason = announceSkip("the Kafka bus on a real broker", [whyNoKafka()]);

describe.skipIf(reason !== undefined)("Kafka bus on a real broker", () => {
  let broker: KafkaBroker | undefined;

  beforeAll(async () => {
    broker = await KafkaBroker.start();
  });

  afterAll(async () => {
    await broker?.dispose();
  });

  const open = (): ReturnType<typeof createKafkaBus> =>
    createKafkaBus({
      brokers: broker?.brokers ?? [],
      sessionTimeoutMs: 6000,
      redelivery: { firstMs: 2, longestMs: 20 },
    });

  describeBus("Kafka bus", {
    optOuts: {
      "back-pressure": "the broker's disks and retention bound the backlog, not the slowest reader",
      "prompt-retention": "the broker drops whole segments when it gets to it",
      "prompt-compaction": "the broker compacts closed segments when it gets to it",
    },
    start: async () => {
      const bed = {
        bus: await open(),
        reopen: async () => {
          await bed.bus.close();
          bed.bus = await open();
          return bed.bus;
        },
        dispose: () => bed.bus.close(),
      };
      return bed;
    },
  });
});
