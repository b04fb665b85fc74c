import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createKafkaBus } from "@plumbline/bus";
import { topic, topicSpecs } from "@plumbline/contracts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { createPlace, runPlumbline } from "../pipeline/support/plumbline-process.ts";
import { Cleanup } from "./harness/cleanup.ts";
import { collectorConfig, collectorSecuredConfig, startStockCollector } from "./harness/collector.ts";
import { collectorTool } from "./harness/collector-distribution.ts";
import { whyNoSecuredKafka } from "./harness/kafka-distribution.ts";
import { KafkaBroker } from "./harness/kafka.ts";
import { exportOtlp, tracesRequest, trafficItems } from "./harness/otlp-traffic.ts";
import { announceSkip } from "./harness/skip.ts";
import { makeWithinMs, whyNoTool } from "./harness/tool-cache.ts";
import { watchTopic } from "./harness/topic-watch.ts";
import { DistributedStack } from "./support/distributed-stack.ts";
import { directiveAt } from "./support/held-directives.ts";
import { postLogs, recordsOfRun } from "./support/run-load.ts";

const noKafka = announceSkip("Plumbline's processes on a Kafka that wants TLS and a login", [
  whyNoSecuredKafka(),
]);
const noCollector = announceSkip("the stock Collector before such a Kafka", [
  whyNoSecuredKafka(),
  whyNoTool(collectorTool),
]);
const credentials = { username: "plumbline", password: "correct-horse" };
const mechanism = "scram-sha-512";

describe.skipIf(noKafka !== undefined)("a Kafka that wants TLS, a login and the client's certificate", () => {
  const cleanup = new Cleanup();
  let broker: KafkaBroker;
  let folder: string;
  let secured: Record<string, string>;

  beforeAll(async () => {
    const properties = ["listener.name.sasl_ssl.ssl.client.auth=required"];
    broker = cleanup.add(await KafkaBroker.start({ credentials, properties }), (started) =>
      started.dispose(),
    );
    folder = mkdtempSync(join(tmpdir(), "plumbline-secured-"));
    writeFileSync(join(folder, "password"), `${credentials.password}\n`);
    secured = {
      PLUMBLINE_BUS: `kafkas://${broker.brokers.join(",")}`,
      PLUMBLINE_KAFKA_TLS_CA_FILE: broker.certificateFile,
      PLUMBLINE_KAFKA_TLS_CERTIFICATE_FILE: broker.certificateFile,
      PLUMBLINE_KAFKA_TLS_KEY_FILE: broker.keyFile,
      PLUMBLINE_KAFKA_SASL_MECHANISM: mechanism,
      PLUMBLINE_KAFKA_SASL_USERNAME: credentials.username,
      PLUMBLINE_KAFKA_SASL_PASSWORD_FILE: join(folder, "password"),
    };
  });

  afterAll(async () => {
    await cleanup.run();
    rmSync(folder, { recursive: true, force: true });
  });

  const plumbline = async (args: readonly string[], environment: Record<string, string> = {}) =>
    runPlumbline(args, { ...(await createPlace(join(folder, "data"))), environment });

  test(
    "collector, analyzers and console work with what the environment says, and a stuck run is paused",
    async () => {
      const stack = await DistributedStack.start({ broker, environment: secured });
      onTestFinished(() => stack.dispose());
      const run = { runId: "behind-tls", stuck: true, whole: true };
      for (const { body } of recordsOfRun(run, "ab".repeat(16), Date.now()))
        expect(await postLogs(stack.collector.url, body)).toBe(true);
      const paused = async (): Promise<void> =>
        expect((await directiveAt(stack.collector.url, run.runId))?.desired).toBe("paused");
      await vi.waitFor(paused, { timeout: 30_000, interval: 100 });
    },
    makeWithinMs,
  );

  test("a command takes the same from its file", async () => {
    const file = join(folder, "plumbline.yaml");
    const { certificateFile, keyFile } = broker;
    const settings = {
      bus: secured["PLUMBLINE_BUS"],
      kafka: {
        tls: { caFile: certificateFile, certificateFile, keyFile },
        sasl: { mechanism: "scram-sha-256", ...credentials },
      },
    };
    writeFileSync(file, JSON.stringify(settings));
    const { code, output } = await plumbline(["migrate", "--config", file]);
    expect(output).toContain("are up to date");
    expect(code).toBe(0);
  });

  test("a wrong password ends the process with the reason, and is not shown", async () => {
    writeFileSync(join(folder, "wrong"), "battery-staple");
    const environment = { ...secured, PLUMBLINE_KAFKA_SASL_PASSWORD_FILE: join(folder, "wrong") };
    const { code, output } = await plumbline(["collector"], environment);
    expect(output).toContain("refused the credentials");
    expect(output).not.toContain("battery-staple");
    expect(code).toBe(1);
  });

  test.skipIf(noCollector !== undefined)(
    "the stock Collector sends to it with its second configuration",
    { timeout: makeWithinMs },
    async () => {
      const bus = await createKafkaBus({
        brokers: broker.brokers,
        tls: { ca: broker.certificate, cert: broker.certificate, key: broker.key },
        sasl: { mechanism, ...credentials },
      });
      onTestFinished(() => bus.close());
      await bus.createTopics(topicSpecs(4));
      const collector = await startStockCollector({
        kafkaBrokers: broker.brokers,
        configFiles: [collectorConfig, collectorSecuredConfig],
        environment: {
          KAFKA_TLS_CA_FILE: broker.certificateFile,
          KAFKA_TLS_CERTIFICATE_FILE: broker.certificateFile,
          KAFKA_TLS_KEY_FILE: broker.keyFile,
          KAFKA_SASL_USERNAME: credentials.username,
          KAFKA_SASL_PASSWORD: credentials.password,
        },
      });
      onTestFinished(() => collector.dispose());
      const spans = await watchTopic(bus, topic.spans);
      onTestFinished(() => spans.close());
      const items = trafficItems("secured", 500);
      const body = tracesRequest(items);
      expect(await exportOtlp({ url: collector.otlpHttpUrl, path: "/v1/traces", body })).toBe(true);
      await expect.poll(() => spans.arrived(items), { timeout: 60_000, interval: 100 }).toBe(500);
    },
  );
});
