import { type Bus, createKafkaBus } from "@plumbline/bus";
import { topic, topicSpecs } from "@plumbline/contracts";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Cleanup } from "./harness/cleanup.ts";
import { type StockCollector, startStockCollector } from "./harness/collector.ts";
import { collectorTool } from "./harness/collector-distribution.ts";
import { jaegerTool } from "./harness/jaeger-distribution.ts";
import { type Jaeger, startJaeger } from "./harness/jaeger.ts";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { KafkaBroker } from "./harness/kafka.ts";
import { chunksOf, exportOtlp, tracesRequest, trafficItems } from "./harness/otlp-traffic.ts";
import { announceSkip } from "./harness/skip.ts";
import { makeWithinMs, whyNoTool } from "./harness/tool-cache.ts";
import { type TopicWatch, watchTopic } from "./harness/topic-watch.ts";

const arrival = { timeout: 60_000, interval: 100 };
const reason = announceSkip("Jaeger behind the stock Collector", [
  whyNoTool(collectorTool),
  whyNoTool(jaegerTool),
  whyNoKafka(),
]);

interface JaegerTraces {
  data: { traceID: string; spans: { spanID: string }[] }[] | null;
}

describe.skipIf(reason !== undefined)("Jaeger behind the stock Collector", () => {
  let broker: KafkaBroker;
  let bus: Bus;
  let jaeger: Jaeger;
  let collector: StockCollector;
  let spans: TopicWatch;

  const exported = (items: ReturnType<typeof trafficItems>): Promise<boolean> =>
    exportOtlp({ url: collector.otlpHttpUrl, path: "/v1/traces", body: tracesRequest(items) });

  /** As the page asks: the spans that Jaeger has of a trace, by id. */
  const spanIdsOf = async (traceId: string): Promise<string[]> => {
    const response = await fetch(`${jaeger.queryUrl}/api/traces/${traceId}`);
    const { data } = (await response.json()) as JaegerTraces;
    return (data ?? []).flatMap((trace) => trace.spans).map(({ spanID }) => spanID);
  };

  const cleanup = new Cleanup();

  beforeAll(async () => {
    broker = cleanup.add(await KafkaBroker.start(), (started) => started.dispose());
    bus = cleanup.add(await createKafkaBus({ brokers: broker.brokers }), (opened) => opened.close());
    await bus.createTopics(topicSpecs(2));
    jaeger = cleanup.add(await startJaeger(), (started) => started.dispose());
    const options = { kafkaBrokers: broker.brokers, jaegerGrpcPort: jaeger.otlpGrpcPort };
    collector = cleanup.add(await startStockCollector(options), (started) => started.dispose());
    spans = cleanup.add(await watchTopic(bus, topic.spans), (watch) => watch.close());
  }, makeWithinMs);

  afterAll(() => cleanup.run());

  test("a trace that went to Kafka is found in Jaeger by id and by service", async () => {
    const items = trafficItems("shown", 20);
    expect(await exported(items)).toBe(true);
    await expect.poll(() => spans.arrived(items), arrival).toBe(20);
    for (const trace of chunksOf(items, 10)) {
      const expected = trace.map(({ spanId }) => spanId).toSorted();
      await expect
        .poll(async () => (await spanIdsOf(trace[0]?.traceId ?? "")).toSorted(), arrival)
        .toEqual(expected);
    }

    const services = await fetch(`${jaeger.queryUrl}/api/services`);
    expect(await services.json()).toMatchObject({ data: ["traffic"] });
    const found = await fetch(`${jaeger.queryUrl}/api/traces?service=traffic&lookback=1h&limit=10`);
    expect(((await found.json()) as JaegerTraces).data).toHaveLength(2);
  });

  test("while Jaeger is down every span still reaches Kafka", async () => {
    const items = trafficItems("blind", 10_000);
    await jaeger.process.kill();
    const answers = await Promise.all(chunksOf(items, 100).map(exported));
    expect(answers.every(Boolean)).toBe(true);
    await expect.poll(() => spans.arrived(items), arrival).toBe(10_000);
  });

  test("once Jaeger is back it shows what comes from then on", async () => {
    await jaeger.process.restart();
    const probe = trafficItems("again", 10);
    await expect
      .poll(async () => {
        await exported(probe);
        return (await spanIdsOf(probe[0]?.traceId ?? "")).length > 0;
      }, arrival)
      .toBe(true);
  });
});
