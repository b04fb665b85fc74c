// How much the stock Collector takes in with deploy/otel-collector.yaml before a real broker, with the queue written
// through to disk and not. Run: node --conditions=@plumbline/source bench/services/stock-collector.ts
import { readFileSync } from "node:fs";
import { createKafkaBus } from "@plumbline/bus";
import { topic, topicSpecs } from "@plumbline/contracts";
import { startStockCollector } from "../../test/services/harness/collector.ts";
import { KafkaBroker } from "../../test/services/harness/kafka.ts";
import {
  chunksOf,
  exportOtlp,
  tracesRequest,
  trafficItems,
} from "../../test/services/harness/otlp-traffic.ts";
import { watchTopic } from "../../test/services/harness/topic-watch.ts";

const spanCount = 100_000;
const senders = 8;

interface Result {
  fsync: boolean;
  spansPerRequest: number;
  acknowledgedPerSecond: number;
  lastInKafkaAfterMs: number;
  residentMebibytes: number;
}

function residentMebibytes(processId: number): number {
  const kibibytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${String(processId)}/status`, "utf8"))?.[1];
  return Math.round(Number(kibibytes) / 1024);
}

async function measure(broker: KafkaBroker, fsync: boolean, spansPerRequest: number): Promise<Result> {
  const bus = await createKafkaBus({ brokers: broker.brokers });
  const collector = await startStockCollector({
    kafkaBrokers: broker.brokers,
    environment: { QUEUE_FSYNC: String(fsync) },
  });
  const items = trafficItems(`${String(fsync)}/${String(spansPerRequest)}`, spanCount);
  const bodies = chunksOf(items, spansPerRequest).map((chunk) => tracesRequest(chunk));
  const watch = await watchTopic(bus, topic.spans);

  const startedMs = performance.now();
  const send = async (): Promise<void> => {
    for (let body = bodies.pop(); body !== undefined; body = bodies.pop()) {
      if (!(await exportOtlp({ url: collector.otlpHttpUrl, path: "/v1/traces", body })))
        throw new Error("A request was refused.");
    }
  };
  await Promise.all(Array.from({ length: senders }, send));
  const acknowledgedMs = performance.now();
  const resident = residentMebibytes(collector.process.processId);
  while (watch.arrived(items) < spanCount) await new Promise((resolve) => setTimeout(resolve, 20));
  const arrivedMs = performance.now();

  await watch.close();
  await collector.dispose();
  await bus.close();
  return {
    fsync,
    spansPerRequest,
    acknowledgedPerSecond: Math.round((spanCount / (acknowledgedMs - startedMs)) * 1000),
    lastInKafkaAfterMs: Math.round(arrivedMs - acknowledgedMs),
    residentMebibytes: resident,
  };
}

const broker = await KafkaBroker.start();
try {
  const bus = await createKafkaBus({ brokers: broker.brokers });
  await bus.createTopics(topicSpecs(12));
  await bus.close();
  const results: Result[] = [];
  for (const spansPerRequest of [10, 100, 500])
    for (const fsync of [false, true]) results.push(await measure(broker, fsync, spansPerRequest));
  console.table(results);
} finally {
  await broker.dispose();
}
