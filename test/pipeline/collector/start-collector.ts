import { type Bus, type ReceivedRecord, createMemoryBus } from "@plumbline/bus";
import {
  type CollectorConfig,
  type CollectorSettings,
  collectorSettingsSchema,
  createCollector,
} from "@plumbline/collector";
import { systemClock, topicSpecs } from "@plumbline/contracts";
import { onTestFinished } from "vitest";

export interface RunningCollector {
  bus: Bus;
  url: string;
  grpcPort: number;
  settings: CollectorSettings;
  close(): Promise<void>;
  /** What the topic holds now. */
  recordsOf(topic: string): Promise<ReceivedRecord[]>;
}

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

async function readAll(bus: Bus, topic: string): Promise<ReceivedRecord[]> {
  const records: ReceivedRecord[] = [];
  const tail = await bus.tail({ topic, from: "beginning", onRecord: (record) => records.push(record) });
  await tail.caughtUp;
  await tail.close();
  return records;
}

/** A collector on free ports over a memory bus (or the given one); closed when the test is over. */
export async function startCollector(settings: CollectorConfig = {}, given?: Bus): Promise<RunningCollector> {
  const bus = given ?? createMemoryBus();
  if (given === undefined) await bus.createTopics(topicSpecs(4));
  const parsed = collectorSettingsSchema.parse({ httpPort: 0, grpcPort: 0, drainMs: 500, ...settings });
  const collector = createCollector({ bus, clock: systemClock, logger: silent, settings: parsed });
  const { httpPort, grpcPort } = await collector.listen();
  onTestFinished(async () => {
    await collector.close();
    if (given === undefined) await bus.close();
  });
  return {
    bus,
    url: `http://127.0.0.1:${String(httpPort)}`,
    grpcPort: grpcPort ?? 0,
    settings: parsed,
    close: () => collector.close(),
    recordsOf: (topic) => readAll(bus, topic),
  };
}

/** A bus of which everything works but publishing. */
export function busThatRefuses(bus: Bus, error: Error): Bus {
  return {
    createTopics: (specs) => bus.createTopics(specs),
    publish: () => Promise.reject(error),
    consume: (options) => bus.consume(options),
    tail: (options) => bus.tail(options),
    partitionCount: (topic) => bus.partitionCount(topic),
    check: () => bus.check(),
    close: () => bus.close(),
  };
}
