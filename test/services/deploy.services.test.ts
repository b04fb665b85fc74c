import { readFileSync } from "node:fs";
import { createKafkaBus } from "@plumbline/bus";
import { topicSpecs } from "@plumbline/contracts";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { startStockCollector } from "./harness/collector.ts";
import { collectorTool } from "./harness/collector-distribution.ts";
import { jaegerTool } from "./harness/jaeger-distribution.ts";
import { startJaeger } from "./harness/jaeger.ts";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { KafkaBroker } from "./harness/kafka.ts";
import { startPrometheus, validatePrometheusConfig } from "./harness/prometheus.ts";
import { prometheusTool } from "./harness/prometheus-distribution.ts";
import { announceSkip } from "./harness/skip.ts";
import { makeWithinMs, whyNoTool } from "./harness/tool-cache.ts";

interface Compose {
  services: Record<string, { environment?: Record<string, string> }>;
}
const composeFile = new URL("../../deploy/docker-compose.yml", import.meta.url);
const compose = parse(readFileSync(composeFile, "utf8"), { merge: true }) as Compose;

/** Where a process listens and keeps its data differs here; the rest of the broker's settings is taken as it stands. */
const placeDependent = /^(?:listeners|advertised\.listeners|controller\.quorum\.voters|log\.dirs)=/;

/** The broker's settings of the compose file, by the rule of its image: KAFKA_A_B is a.b. */
function brokerProperties(): string[] {
  return Object.entries(compose.services["kafka"]?.environment ?? {})
    .map(
      ([name, value]) =>
        `${name
          .replace(/^KAFKA_/, "")
          .toLowerCase()
          .replaceAll("_", ".")}=${value}`,
    )
    .filter((line) => !placeDependent.test(line));
}

const noBroker = announceSkip("the broker's settings in deploy/", [whyNoKafka()]);
const noPrometheus = announceSkip("deploy/prometheus.yml", [whyNoTool(prometheusTool)]);
const noTargets = announceSkip("Prometheus before the Collector and Jaeger", [
  whyNoTool(prometheusTool),
  whyNoTool(collectorTool),
  whyNoTool(jaegerTool),
]);

interface ActiveTargets {
  data: { activeTargets: { scrapePool: string; health: string; lastError: string }[] };
}

describe.skipIf(noBroker !== undefined)("the broker's settings of the compose file", () => {
  test("a real broker starts with them, and its topics are only those that were created", async () => {
    const properties = brokerProperties();
    expect(properties).toContain("auto.create.topics.enable=false");
    const broker = await KafkaBroker.start({ properties });
    onTestFinished(() => broker.dispose());
    const bus = await createKafkaBus({ brokers: broker.brokers });
    onTestFinished(() => bus.close());
    await bus.createTopics(topicSpecs(12));
    await expect(bus.check()).resolves.toBeUndefined();
    await expect(bus.partitionCount("otlp_span")).rejects.toThrow("otlp_span");
  });
});

describe.skipIf(noPrometheus !== undefined)("deploy/prometheus.yml", () => {
  test("is valid", { timeout: makeWithinMs }, async () => {
    expect(await validatePrometheusConfig()).toBe("");
  });

  test.skipIf(noTargets !== undefined)(
    "scrapes the Collector, what agents sent to it, and Jaeger",
    { timeout: makeWithinMs },
    async () => {
      const jaeger = await startJaeger();
      onTestFinished(() => jaeger.dispose());
      const collector = await startStockCollector({ kafkaBrokers: ["127.0.0.1:9"] });
      onTestFinished(() => collector.dispose());
      const addressOf = (url: string): string => new URL(url).host;
      const prometheus = await startPrometheus({
        "otel-collector:8888": addressOf(collector.metricsUrl),
        "otel-collector:8889": addressOf(collector.agentMetricsUrl),
        "jaeger:8888": addressOf(jaeger.metricsUrl),
      });
      onTestFinished(() => prometheus.dispose());

      const healthOf = async (): Promise<Record<string, string>> => {
        const response = await fetch(`${prometheus.url}/api/v1/targets?state=active`);
        const { data } = (await response.json()) as ActiveTargets;
        return Object.fromEntries(data.activeTargets.map(({ scrapePool, health }) => [scrapePool, health]));
      };
      await expect
        .poll(healthOf, { timeout: 60_000, interval: 200 })
        .toMatchObject({ "otel-collector": "up", agents: "up", jaeger: "up" });
    },
  );
});
