import { createKafkaBus } from "@plumbline/bus";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Reader, eventually, record } from "../../packages/bus/src/contract/reader.contract.ts";
import { whyNoSecuredKafka } from "./harness/kafka-distribution.ts";
import { KafkaBroker } from "./harness/kafka.ts";
import { announceSkip } from "./harness/skip.ts";

const reason = announceSkip("the Kafka bus over TLS and SASL", [whyNoSecuredKafka()]);
const credentials = { username: "plumbline", password: "correct" };

describe.skipIf(reason !== undefined)("Kafka bus over TLS and SASL", () => {
  let broker: KafkaBroker;

  beforeAll(async () => {
    broker = await KafkaBroker.start({ credentials });
  });

  afterAll(async () => {
    await broker.dispose();
  });

  test("with the right certificate and credentials records go both ways", async () => {
    const bus = await createKafkaBus({
      brokers: broker.brokers,
      tls: { ca: broker.certificate },
      sasl: { mechanism: "plain", ...credentials },
    });
    await bus.createTopics([{ name: "secured", partitions: 1, cleanup: "delete", retentionMs: null }]);
    await bus.publish("secured", [record("k", "v")]);
    const reader = await Reader.open(bus, { group: "secured", topics: ["secured"] });
    await eventually(() => expect(reader.texts).toEqual(["v"]));
    await bus.close();
  });

  test("wrong credentials are a clear error, without the password", async () => {
    const opening = createKafkaBus({
      brokers: broker.brokers,
      tls: { ca: broker.certificate },
      sasl: { mechanism: "plain", username: "plumbline", password: "wrong-secret" },
    });
    await expect(opening).rejects.toMatchObject({ nextMove: "stop", code: "KAFKA_AUTHENTICATION" });
    await expect(opening).rejects.not.toThrow("wrong-secret");
  });

  test("a certificate nobody vouches for is a clear error", async () => {
    const opening = createKafkaBus({
      brokers: broker.brokers,
      tls: true,
      sasl: { mechanism: "plain", ...credentials },
      connectWithinMs: 2000,
    });
    await expect(opening).rejects.toMatchObject({ nextMove: "stop", code: "KAFKA_UNREACHABLE" });
  });
});
