import { type Bus, createKafkaBus, maxRecordBytes, partitionOf } from "@plumbline/bus";
import { collectorSettingsSchema, createCollector } from "@plumbline/collector";
import { header, systemClock, topic, topicSpecs } from "@plumbline/contracts";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Cleanup } from "./harness/cleanup.ts";
import {
  type StockCollector,
  collectorClickhouseConfig,
  collectorConfig,
  collectorSecuredConfig,
  extendedCollectorConfigs,
  startStockCollector,
  validateCollectorConfig,
} from "./harness/collector.ts";
import { collectorTool } from "./harness/collector-distribution.ts";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { KafkaBroker } from "./harness/kafka.ts";
import { exportOverGrpc } from "./harness/otlp-grpc.ts";
import {
  type TrafficItem,
  chunksOf,
  exportOtlp,
  logsRequest,
  tracesRequest,
  trafficItems,
} from "./harness/otlp-traffic.ts";
import { announceSkip } from "./harness/skip.ts";
import { makeWithinMs, whyNoTool } from "./harness/tool-cache.ts";
import { type TopicWatch, watchTopic } from "./harness/topic-watch.ts";

const partitions = 6;
const arrival = { timeout: 60_000, interval: 100 };
const reason = announceSkip("the stock Collector before Kafka", [whyNoTool(collectorTool), whyNoKafka()]);

const acknowledged = (url: string, items: readonly TrafficItem[], headers = {}): Promise<boolean> =>
  exportOtlp({ url, path: "/v1/traces", body: tracesRequest(items), headers });

const traceOf = (item: TrafficItem | undefined): { traceId: string } => ({ traceId: item?.traceId ?? "" });

/** Sends until it is acknowledged, as every OTLP client does. */
async function sendStubbornly(url: string, items: readonly TrafficItem[]): Promise<void> {
  while (!(await acknowledged(url, items))) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function startOurCollector(bus: Bus): Promise<string> {
  const settings = collectorSettingsSchema.parse({ httpPort: 0, grpcPort: null });
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const collector = createCollector({ bus, clock: systemClock, logger, settings });
  const { httpPort } = await collector.listen();
  onTestFinished(() => collector.close());
  return `http://127.0.0.1:${String(httpPort)}`;
}

describe.skipIf(reason !== undefined)("the stock Collector before Kafka", () => {
  let broker: KafkaBroker;
  let bus: Bus;
  let collector: StockCollector;
  let spans: TopicWatch;
  let logs: TopicWatch;

  const cleanup = new Cleanup();

  beforeAll(async () => {
    broker = cleanup.add(await KafkaBroker.start(), (started) => started.dispose());
    bus = cleanup.add(await createKafkaBus({ brokers: broker.brokers }), (opened) => opened.close());
    await bus.createTopics(topicSpecs(partitions));
    const options = { kafkaBrokers: broker.brokers };
    collector = cleanup.add(await startStockCollector(options), (started) => started.dispose());
    spans = cleanup.add(await watchTopic(bus, topic.spans), (watch) => watch.close());
    logs = cleanup.add(await watchTopic(bus, topic.logs), (watch) => watch.close());
  }, makeWithinMs);

  afterAll(() => cleanup.run());

  test("each configuration in deploy/ is valid with no environment set", async () => {
    expect(await validateCollectorConfig([collectorConfig])).toBe("");
    expect(await validateCollectorConfig([collectorConfig, collectorClickhouseConfig])).toBe("");
    expect(await validateCollectorConfig([collectorConfig, collectorSecuredConfig])).toBe("");
  });

  test("spans and logs are keyed by trace id, on the partition that the bus computes", async () => {
    const items = trafficItems("keys", 1000);
    expect(await acknowledged(collector.otlpHttpUrl, items)).toBe(true);
    const body = logsRequest(items);
    expect(await exportOtlp({ url: collector.otlpHttpUrl, path: "/v1/logs", body })).toBe(true);
    await expect.poll(() => spans.arrived(items), arrival).toBe(1000);
    await expect.poll(() => logs.arrived(items), arrival).toBe(1000);

    for (const record of [...spans.recordsWith(items), ...logs.recordsWith(items)]) {
      const traceIds = new Set(record.items.map(({ traceId }) => traceId));
      expect([...traceIds]).toEqual([record.key]);
      expect(record.partition).toBe(partitionOf(record.key ?? "", partitions));
    }
  });

  test("one trace has one partition, whether it came through the stock Collector or ours", async () => {
    const items = trafficItems("both", 1000);
    const [first, second] = [
      items.filter((_, index) => index % 2 === 0),
      items.filter((_, index) => index % 2 === 1),
    ];
    expect(await acknowledged(collector.otlpHttpUrl, first)).toBe(true);
    expect(await acknowledged(await startOurCollector(bus), second)).toBe(true);
    await expect.poll(() => spans.arrived(items), arrival).toBe(1000);

    const recordsByTrace = Map.groupBy(spans.recordsWith(items), ({ key }) => key);
    expect(recordsByTrace.size).toBe(100);
    for (const records of recordsByTrace.values()) {
      expect(records.length).toBeGreaterThan(1);
      expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
    }
  });

  test("the principal arrives as a record header, and only with its own spans", async () => {
    const [hers, nobodys] = [trafficItems("ana", 100), trafficItems("nobody", 100)];
    const headers = { [header.principal]: "ana", [header.tenantId]: "acme" };
    expect(await acknowledged(collector.otlpHttpUrl, hers, headers)).toBe(true);
    expect(await acknowledged(collector.otlpHttpUrl, nobodys)).toBe(true);
    await expect.poll(() => spans.arrived([...hers, ...nobodys]), arrival).toBe(200);

    for (const record of spans.recordsWith(hers)) expect(record.headers).toMatchObject(headers);
    for (const record of spans.recordsWith(nobodys)) expect(record.headers).toEqual({});
  });

  test("over gRPC spans and principal arrive all the same", async () => {
    const items = trafficItems("grpc", 100);
    await exportOverGrpc(collector.otlpGrpcPort, items, { [header.principal]: "ana" });
    await expect.poll(() => spans.arrived(items), arrival).toBe(100);
    for (const { key, headers, items: held } of spans.recordsWith(items)) {
      expect(headers).toEqual({ [header.principal]: "ana" });
      expect(held.every(({ traceId }) => traceId === key)).toBe(true);
    }
  });

  test("a trace too large for one record arrives whole, in several on one partition", async () => {
    const items = trafficItems("long", 2000).map((item, _index, [first]) => ({ ...item, ...traceOf(first) }));
    const body = tracesRequest(
      items,
      items.map(() => 10_000),
    );
    expect(await exportOtlp({ url: collector.otlpHttpUrl, path: "/v1/traces", body })).toBe(true);
    await expect.poll(() => spans.arrived(items), arrival).toBe(2000);
    const records = spans.recordsWith(items);
    expect(records.length).toBeGreaterThan(1);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
    for (const { value } of records) expect(value.length).toBeLessThan(maxRecordBytes);
  });

  test("a span or log record too large for any message is cut, and what came with it is whole", async () => {
    const items = trafficItems("huge", 100);
    const url = collector.otlpHttpUrl;
    const lengths = [9_000_000, 2000];
    expect(await exportOtlp({ url, path: "/v1/traces", body: tracesRequest(items, lengths) })).toBe(true);
    expect(await exportOtlp({ url, path: "/v1/logs", body: logsRequest(items, lengths) })).toBe(true);
    await expect.poll(() => spans.arrived(items), arrival).toBe(100);
    await expect.poll(() => logs.arrived(items), arrival).toBe(100);
    for (const [record] of [spans.recordsWith(items.slice(0, 2)), logs.recordsWith(items.slice(0, 2))]) {
      expect(record?.value.length).toBeGreaterThan(1_000_000);
      expect(record?.value.length).toBeLessThan(1_010_000);
    }
  });

  test("a Collector that is already there sends along, once it has the ten lines", async () => {
    const items = trafficItems("theirs", 1000);
    const theirs = await startStockCollector({
      kafkaBrokers: broker.brokers,
      configFiles: extendedCollectorConfigs,
    });
    onTestFinished(() => theirs.dispose());
    expect(await acknowledged(theirs.otlpHttpUrl, items)).toBe(true);
    await expect.poll(() => spans.arrived(items), arrival).toBe(1000);
    for (const { key, partition } of spans.recordsWith(items))
      expect(partition).toBe(partitionOf(key ?? "", partitions));
  });

  test("10,000 acknowledged spans outlive two kills, one of them while they arrive", async () => {
    const items = trafficItems("killed", 10_000);
    const requests = chunksOf(items, 100);
    const send = async (from: number, to: number): Promise<void> => {
      await Promise.all(
        requests.slice(from, to).map((request) => sendStubbornly(collector.otlpHttpUrl, request)),
      );
    };
    const sending = send(0, 50);
    await expect.poll(() => spans.arrived(items), arrival).toBeGreaterThan(0);
    await collector.process.kill();
    await collector.process.restart();
    await sending;
    await send(50, 100);
    await collector.process.kill();
    await collector.process.restart();
    await expect.poll(() => spans.arrived(items), arrival).toBe(10_000);
  });

  test("what was acknowledged while Kafka was down outlives a kill, principal included", async () => {
    const items = trafficItems("outage", 10_000);
    const headers = { [header.principal]: "ana" };
    await broker.kill();
    const answers = await Promise.all(
      chunksOf(items, 500).map((request) => acknowledged(collector.otlpHttpUrl, request, headers)),
    );
    expect(answers.every(Boolean)).toBe(true);
    await collector.process.kill();
    await broker.restart();
    await collector.process.restart();
    await expect.poll(() => spans.arrived(items), arrival).toBe(10_000);
    for (const record of spans.recordsWith(items)) expect(record.headers).toMatchObject(headers);
  });
});
