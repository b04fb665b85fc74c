import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collectorBinary } from "./collector-distribution.ts";
import { freePort } from "../../free-port.ts";
import { ServiceProcess } from "./service-process.ts";

const deployFile = (name: string): string =>
  fileURLToPath(new URL(`../../../deploy/${name}`, import.meta.url));

export const collectorConfig = deployFile("otel-collector.yaml");
export const collectorClickhouseConfig = deployFile("otel-collector.clickhouse.yaml");
export const collectorSecuredConfig = deployFile("otel-collector.kafka-secured.yaml");
/** A Collector that a team already runs, with the lines of `deploy/collector-snippet.yaml` added. */
export const extendedCollectorConfigs = [
  fileURLToPath(new URL("existing-collector.yaml", import.meta.url)),
  deployFile("collector-snippet.yaml"),
] as const;

export interface StockCollectorOptions {
  kafkaBrokers: readonly string[];
  /** OTLP/gRPC of a Jaeger; nobody listens there when absent. */
  jaegerGrpcPort?: number;
  /** Default: `deploy/otel-collector.yaml` alone. */
  configFiles?: readonly string[];
  /** Over what the ports and folders of this machine set. */
  environment?: Readonly<Record<string, string>>;
}

/** The stock OpenTelemetry Collector with a configuration of `deploy/`, on free ports of the loopback interface. */
export interface StockCollector {
  otlpHttpUrl: string;
  otlpGrpcPort: number;
  /** About the Collector itself. */
  metricsUrl: string;
  /** What agents sent to it. */
  agentMetricsUrl: string;
  process: ServiceProcess;
  dispose(): Promise<void>;
}

const configFlags = (files: readonly string[]): string[] => files.flatMap((file) => ["--config", file]);

export async function startStockCollector(options: StockCollectorOptions): Promise<StockCollector> {
  const { kafkaBrokers, configFiles = [collectorConfig] } = options;
  const ports = {
    http: await freePort(),
    grpc: await freePort(),
    health: await freePort(),
    metrics: await freePort(),
    agentMetrics: await freePort(),
    jaeger: options.jaegerGrpcPort ?? (await freePort()),
  };
  const here = (port: number): string => `127.0.0.1:${String(port)}`;
  const queueDirectory = mkdtempSync(join(tmpdir(), "plumbline-collector-queue-"));
  const service = await ServiceProcess.start({
    name: "collector",
    binary: await collectorBinary(),
    args: configFlags(configFiles),
    environment: {
      KAFKA_BROKERS: `[${kafkaBrokers.join(",")}]`,
      QUEUE_DIRECTORY: queueDirectory,
      OTLP_HTTP_ENDPOINT: here(ports.http),
      OTLP_GRPC_ENDPOINT: here(ports.grpc),
      HEALTH_ENDPOINT: here(ports.health),
      JAEGER_ENDPOINT: here(ports.jaeger),
      AGENT_METRICS_ENDPOINT: here(ports.agentMetrics),
      METRICS_HOST: "127.0.0.1",
      METRICS_PORT: String(ports.metrics),
      ...options.environment,
    },
    readyUrl: `http://${here(ports.health)}/`,
  });
  return {
    otlpHttpUrl: `http://${here(ports.http)}`,
    otlpGrpcPort: ports.grpc,
    metricsUrl: `http://${here(ports.metrics)}/metrics`,
    agentMetricsUrl: `http://${here(ports.agentMetrics)}/metrics`,
    process: service,
    async dispose() {
      await service.dispose();
      rmSync(queueDirectory, { recursive: true, force: true });
    },
  };
}

/** What the Collector says against the configuration; empty when it takes it, with no environment set. */
export async function validateCollectorConfig(files: readonly string[]): Promise<string> {
  const checked = spawnSync(await collectorBinary(), ["validate", ...configFlags(files)], {
    encoding: "utf8",
    env: {},
    timeout: 30_000,
  });
  return checked.status === 0 ? "" : `${checked.stdout}${checked.stderr}`;
}
