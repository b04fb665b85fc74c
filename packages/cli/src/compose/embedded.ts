import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { createCountingMetrics, openKeyStore, startAnalyzer } from "@plumbline/analyzer";
import { createSqliteBus, type Bus } from "@plumbline/bus";
import { collectorSettingsSchema, createCollector, createProcessMetrics } from "@plumbline/collector";
import { createConsole, consoleSettingsSchema } from "@plumbline/console";
import { systemClock, systemIds, topicSpecs } from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { createChdbStore, createClickhouseStore, type Store } from "@plumbline/store";
import { pino, type Logger } from "pino";
import type { Settings } from "../config/settings.ts";

/** A running stack: everything in this process. */
export interface EmbeddedStack {
  /** Base address for OTLP over HTTP; the control gateway answers there too. */
  otlpUrl: string;
  otlpGrpcPort: number | null;
  apiUrl: string;
  dataDirectory: string;
  /** Stops taking in, finishes what was taken in, closes the files. */
  close(): Promise<void>;
}

function openBus(settings: Settings): Promise<Bus> {
  return createSqliteBus({ directory: join(settings.dataDirectory, "bus") });
}

function openStore(settings: Settings): Promise<Store> {
  if (settings.store === "chdb") return createChdbStore({ directory: join(settings.dataDirectory, "chdb") });
  return createClickhouseStore({ url: settings.store });
}

function createLogger(settings: Settings): Logger {
  return pino({ level: settings.logLevel, name: "plumbline" }, pino.destination({ fd: 2, sync: true }));
}

/** Undoes what was started, last first, so that a failed start leaves nothing behind. */
class Teardown {
  readonly #steps: (() => Promise<void>)[] = [];

  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step();
  }
}

/** The pipeline of one process, in the order of the data: collector, bus, analyzer, store, operator API. */
async function startParts(settings: Settings, teardown: Teardown): Promise<Omit<EmbeddedStack, "close">> {
  const { dataDirectory, listen, tokens, profile, partitions } = settings;
  const { host } = listen;
  const logger = createLogger(settings);
  const clock = systemClock;
  await mkdir(dataDirectory, { recursive: true });

  const bus = await openBus(settings);
  teardown.add(() => bus.close());
  await bus.createTopics(topicSpecs(partitions));
  const store = await openStore(settings);
  teardown.add(() => store.close());
  await store.migrate();

  const processMetrics = createProcessMetrics();
  teardown.add(() => processMetrics.close());
  const metrics = createCountingMetrics({
    bus,
    clock,
    logger,
    meter: processMetrics.meter("@plumbline/analyzer"),
  });
  const monitor = createMonitor(createPolicy({ profile }));
  const signer = await openKeyStore(dataDirectory);
  const analyzer = await startAnalyzer({ bus, store, clock, signer, monitor, metrics, profile, partitions });
  teardown.add(() => analyzer.close());

  const collectorSettings = collectorSettingsSchema.parse({
    host,
    httpPort: listen.otlpHttpPort,
    grpcPort: listen.otlpGrpcPort,
    tokens,
  });
  const collector = createCollector({
    bus,
    clock,
    logger,
    settings: collectorSettings,
    metrics: processMetrics,
  });
  teardown.add(() => collector.close());
  const ports = await collector.listen();

  const operatorApi = createConsole({
    bus,
    store,
    clock,
    ids: systemIds,
    settings: consoleSettingsSchema.parse({ host, port: listen.apiPort, tokens }),
  });
  teardown.add(() => operatorApi.close());
  const api = await operatorApi.listen();

  return {
    otlpUrl: `http://${host}:${String(ports.httpPort)}`,
    otlpGrpcPort: ports.grpcPort,
    apiUrl: `http://${host}:${String(api.port)}`,
    dataDirectory,
  };
}

/**
 * Starts the embedded product.
 * @throws SetupError when a port or the data directory is taken, or a part is not installed
 */
export async function startEmbedded(settings: Settings): Promise<EmbeddedStack> {
  const teardown = new Teardown();
  try {
    const parts = await startParts(settings, teardown);
    return { ...parts, close: () => teardown.run() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}
