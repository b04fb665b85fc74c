import type { Bus } from "@plumbline/bus";
import { createCountingMetrics, openKeyStore, startAnalyzer } from "@plumbline/analyzer";
import {
  collectorSettingsSchema,
  createCollector,
  createProcessMetrics,
  type ProcessMetrics,
} from "@plumbline/collector";
import { consoleSettingsSchema, createConsole } from "@plumbline/console";
import { systemClock as clock, systemIds as ids, systemRandom as random } from "@plumbline/contracts";
import { createMonitor, policyProblems } from "@plumbline/detection";
import { createWebhookNotifier } from "@plumbline/instrumentation";
import { createRunQueries, type Store } from "@plumbline/store";
import { pino, type Logger } from "pino";
import { readPolicy } from "../config/read-policy.ts";
import type { Settings } from "../config/settings.ts";
import { openBackends, type OpenBackends } from "./backends.ts";
import { readCalibrations } from "./calibrations.ts";
import { startHealthServer } from "./health-server.ts";
import { openModel } from "./open-embedder.ts";
import { openJudge } from "./open-judge.ts";
import { Teardown } from "./teardown.ts";
import { readTrustedKeys } from "./trusted-keys.ts";

/** The parts a process can be made of; `plumbline up` has all of them. */
export const partNames = ["analyzer", "collector", "console"] as const;
export type PartName = (typeof partNames)[number];

/** A running process. */
export interface RunningProcess {
  /** Base address for OTLP over HTTP; the control gateway answers there too. Null without a collector. */
  otlpUrl: string | null;
  otlpGrpcPort: number | null;
  /** Null without a console. */
  apiUrl: string | null;
  /** Base address of `/healthz`, `/readyz` and `/metrics` alone. Null when `listen.healthPort` is. */
  healthUrl: string | null;
  dataDirectory: string;
  /** Resolves when the process can't go on, with the reason: it is to end at once, like one that is killed. */
  failed: Promise<Error>;
  /** Stops taking in, finishes what was taken in, closes the files. */
  close(): Promise<void>;
}

type StartedParts = Omit<RunningProcess, "failed" | "close">;

/** How long notifications may take to go out at the end. */
const notifierDrainMs = 2000;

interface Foundation {
  settings: Settings;
  logger: Logger;
  processMetrics: ProcessMetrics;
  teardown: Teardown;
  open: OpenBackends;
  onFailed: (error: Error) => void;
}

interface Backends {
  bus: Bus;
  store: Store;
}

async function analyse(
  { settings, logger, processMetrics, teardown }: Foundation,
  { bus, store }: Backends,
): Promise<void> {
  const { dataDirectory, partitions, anonymousTelemetry } = settings;
  const policy = await readPolicy(settings);
  const { profile } = policy;
  for (const problem of policyProblems(policy))
    logger.warn({ problem }, "a setting of the policy has no effect");
  const metrics = createCountingMetrics({
    bus,
    clock,
    logger,
    meter: processMetrics.meter("@plumbline/analyzer"),
  });
  const monitor = createMonitor(policy);
  const signer = await openKeyStore(dataDirectory);
  const calibrations = await readCalibrations(dataDirectory);
  const { otlpEndpoint } = settings.findings;
  const notifier = createWebhookNotifier({
    webhooks: settings.notifications.webhooks,
    clock,
    random,
    onLost: ({ kind }, why) => logger.warn({ kind, why }, "a notification was not delivered"),
  });
  const analyzer = await startAnalyzer({
    bus,
    store,
    clock,
    signer,
    monitor,
    metrics,
    profile,
    partitions,
    anonymousTelemetry,
    audit: settings.audit,
    judge: openJudge(settings.judge, (reason) => logger.warn({ reason }, "the judge gave no verdict")),
    openModel: () =>
      openModel({
        settings: settings.embedder,
        calibrations,
        onUnavailable: (reason) => logger.warn({ reason }, "requests are compared by words alone"),
      }),
    ...(otlpEndpoint === null ? {} : { findingsEndpoint: otlpEndpoint }),
    notify: (notification) => notifier.notify(notification),
  });
  teardown.add(() => notifier.flush(notifierDrainMs));
  teardown.add(() => analyzer.close());
}

async function collect({ settings, logger, processMetrics, teardown }: Foundation, bus: Bus) {
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

async function operate({ settings, logger, processMetrics, teardown }: Foundation, { bus, store }: Backends) {
  const { listen, tokens } = settings;
  const consoleSettings = consoleSettingsSchema.parse({ host: listen.host, port: listen.apiPort, tokens });
  const operatorApi = createConsole({
    bus,
    store,
    clock,
    ids,
    logger,
    settings: consoleSettings,
    reader: createRunQueries(store),
    trustedKeys: () => readTrustedKeys(settings.dataDirectory),
    metrics: processMetrics,
  });
  teardown.add(() => operatorApi.close());
  return operatorApi.listen();
}

async function serveHealth(
  { settings, processMetrics, teardown }: Foundation,
  { bus, store }: { bus: Bus; store: Store | undefined },
): Promise<string | null> {
  const { host, healthPort } = settings.listen;
  if (healthPort === null) return null;
  const checkReady = async (): Promise<void> => {
    await Promise.all([bus.check(), store?.check()]);
  };
  const server = await startHealthServer({ host, port: healthPort, metrics: processMetrics, checkReady });
  teardown.add(() => server.close());
  return `http://${host}:${String(server.port)}`;
}

/** Starts the parts in the order of the data: bus and store, analyzer, collector, operator API. */
async function startParts(foundation: Foundation, parts: ReadonlySet<PartName>): Promise<StartedParts> {
  const { settings, logger, teardown, open, onFailed } = foundation;
  const { listen, dataDirectory } = settings;
  const bus = await open.bus(settings, logger);
  teardown.add(() => bus.close());
  const running: StartedParts = {
    otlpUrl: null,
    otlpGrpcPort: null,
    apiUrl: null,
    healthUrl: null,
    dataDirectory,
  };

  const needsStore = parts.has("analyzer") || parts.has("console");
  const store = needsStore ? await open.store(settings, onFailed) : undefined;
  if (store !== undefined) teardown.add(() => store.close());

  if (store !== undefined && parts.has("analyzer")) await analyse(foundation, { bus, store });
  if (parts.has("collector")) {
    const { httpPort, grpcPort } = await collect(foundation, bus);
    running.otlpUrl = `http://${listen.host}:${String(httpPort)}`;
    running.otlpGrpcPort = grpcPort;
  }
  if (store !== undefined && parts.has("console")) {
    const { port } = await operate(foundation, { bus, store });
    running.apiUrl = `http://${listen.host}:${String(port)}`;
  }
  running.healthUrl = await serveHealth(foundation, { bus, store });
  return running;
}

/**
 * Starts a process of the named parts, on the bus and store that the settings name unless told otherwise.
 * @throws SetupError when a port or the data directory is taken, or a package that the settings need is not installed
 */
export async function startProcess(
  settings: Settings,
  parts: readonly PartName[],
  open: OpenBackends = openBackends,
): Promise<RunningProcess> {
  const teardown = new Teardown();
  const logger = pino(
    { level: settings.logLevel, name: "plumbline" },
    pino.destination({ fd: 2, sync: true }),
  );
  const processMetrics = createProcessMetrics();
  teardown.add(() => processMetrics.close());
  const { promise: failed, resolve: onFailed } = Promise.withResolvers<Error>();
  try {
    const foundation = { settings, logger, processMetrics, teardown, open, onFailed };
    const running = await startParts(foundation, new Set(parts));
    return { ...running, failed, close: () => teardown.run() };
  } catch (error) {
    await teardown.run();
    throw error;
  }
}
