import { fileURLToPath } from "node:url";
import { freePort } from "../../free-port.ts";
import { jaegerBinary } from "./jaeger-distribution.ts";
import { ServiceProcess } from "./service-process.ts";

const configFile = fileURLToPath(new URL("../../../deploy/jaeger.yaml", import.meta.url));

/** Jaeger with `deploy/jaeger.yaml`, on free ports of the loopback interface. */
export interface Jaeger {
  otlpGrpcPort: number;
  /** Base address of the query API. */
  queryUrl: string;
  metricsUrl: string;
  process: ServiceProcess;
  dispose(): Promise<void>;
}

export async function startJaeger(): Promise<Jaeger> {
  const ports = {
    grpc: await freePort(),
    http: await freePort(),
    query: await freePort(),
    queryGrpc: await freePort(),
    health: await freePort(),
    metrics: await freePort(),
  };
  const here = (port: number): string => `127.0.0.1:${String(port)}`;
  const service = await ServiceProcess.start({
    name: "jaeger",
    binary: await jaegerBinary(),
    args: ["--config", configFile],
    environment: {
      OTLP_GRPC_ENDPOINT: here(ports.grpc),
      OTLP_HTTP_ENDPOINT: here(ports.http),
      QUERY_HTTP_ENDPOINT: here(ports.query),
      QUERY_GRPC_ENDPOINT: here(ports.queryGrpc),
      HEALTH_ENDPOINT: here(ports.health),
      METRICS_HOST: "127.0.0.1",
      METRICS_PORT: String(ports.metrics),
    },
    readyUrl: `http://${here(ports.health)}/status`,
  });
  return {
    otlpGrpcPort: ports.grpc,
    queryUrl: `http://${here(ports.query)}`,
    metricsUrl: `http://${here(ports.metrics)}/metrics`,
    process: service,
    dispose: () => service.dispose(),
  };
}
