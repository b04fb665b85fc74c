import { createCountingMetrics, openKeyStore, startAnalyzer } from "@plumbline/analyzer";
import {
  collectorSettingsSchema,
  createCollector,
  createProcessMetrics,
  type ProcessMetrics,
} from "@plumbline/collector";
import { consoleSettingsSchema, createConsole } from "@plumbline/console";
import { systemClock as clock, systemIds as ids } from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { pino, type Logger } from "pino";
import type { Settings } from "../config/settings.ts";
import { Teardown, openBackends, type Backends } from "./backends.ts";

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

interface Process extends Backends {
  settings: Settings;
  logger: Logger;
  processMetrics: ProcessMetrics;
  teardown: Teardown;
}

async function analyse({ bus, store, settings, logger, processMetrics, teardown }: Process): Promise<void> {
  const { dataDirectory, profile, partitions } = settings;
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
}

async function collect({ bus, settings, logger, processMetrics, teardown }: Process) {
  const { listen, tokens } = settings;
  const collectorSettings = collectorSettingsSchema.parse({
    host: listen.host,
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
  return collector.listen();
}

async function operate({ bus, store, settings, logger, processMetrics, teardown }: Process) {
  const { listen, tokens } = settings;
  const consoleSettings = consoleSettingsSchema.parse({ host: listen.host, port: listen.apiPort, tokens });
  const operatorApi = createConsole({
    bus,
    store,
    clock,
    ids,
    logger,
    settings: consoleSettings,
    metrics: processMetrics,
  });
  teardown.add(() => operatorApi.close());
  return operatorApi.listen();
}

/**
 * Starts the embedded product, in the order of the data: bus and store, analyzer, collector, operator API.
 * @throws SetupError when a port or the data directory is taken, or a part is not installed
 */
export async function startEmbedded(settings: Settings): Promise<EmbeddedStack> {
  const teardown = new Teardown();
  const { dataDirectory, listen, logLevel } = settings;
  try {
    const logger = pino({ level: logLevel, name: "plumbline" }, pino.destination({ fd: 2, sync: true }));
    const processMetrics = createProcessMetrics();
    teardown.add(() => processMetrics.close());
    const backends = await openBackends(settings, teardown);
    const parts: Process = { ...backends, settings, logger, processMetrics, teardown };
    await analyse(parts);
    const { httpPort, grpcPort } = await collect(parts);
    const { port } = await operate(parts);
    return {
      otlpUrl: `http://${listen.host}:${String(httpPort)}`,
      otlpGrpcPort: grpcPort,
      apiUrl: `http://${listen.host}:${String(port)}`,
      dataDirectory,
      close: () => teardown.run(),
    };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}
