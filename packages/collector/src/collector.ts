import type { Bus } from "@plumbline/bus";
import type { Clock } from "@plumbline/contracts";
import { Hono } from "hono";
import { createAccessControl } from "./access.ts";
import { createCollectorMetrics } from "./collector-metrics.ts";
import { createForwarder } from "./forward/forwarder.ts";
import { addControlRoutes } from "./gateway/control-routes.ts";
import { createGateway } from "./gateway/gateway.ts";
import { addHealthRoutes } from "./health/health-routes.ts";
import type { ServerEnvironment } from "./http/http-bindings.ts";
import { createHttpServer } from "./http/http-server.ts";
import type { Logger } from "./logger.ts";
import { type ProcessMetrics, createProcessMetrics } from "./metrics.ts";
import { createByteBudget } from "./receive/byte-budget.ts";
import { createOtlpGrpcServer } from "./receive/otlp-grpc/otlp-grpc-server.ts";
import { addOtlpHttpRoutes } from "./receive/otlp-http/otlp-http-routes.ts";
import type { CollectorSettings } from "./settings.ts";

export interface CollectorOptions {
  /** With the topics for spans, logs and control state already created. */
  bus: Bus;
  clock: Clock;
  logger: Logger;
  /** Parsed by `collectorSettingsSchema`. */
  settings: CollectorSettings;
  /** Shared with the other parts of the process; its own when absent. */
  metrics?: ProcessMetrics;
}

export interface Collector {
  /**
   * Opens the ports. The control gateway answers 503 until it has read the control state.
   * @throws SetupError when a port can't be had
   */
  listen(): Promise<{ httpPort: number; grpcPort: number | null }>;
  /** Lets requests in work end, ends the control streams, closes the ports. The bus stays open. */
  close(): Promise<void>;
}

/** OTLP in, the bus out; directives from the bus to the agents. */
export function createCollector(options: CollectorOptions): Collector {
  const { bus, clock, logger, settings, metrics: processMetrics = createProcessMetrics() } = options;
  const { host, httpPort, grpcPort, limits, drainMs } = settings;
  const metrics = createCollectorMetrics(processMetrics.meter("@plumbline/collector"));
  const access = createAccessControl(settings.tokens);
  const budget = createByteBudget(limits.maxBufferedBytes);
  const forwarder = createForwarder({ bus, clock, limits, metrics });
  const gateway = createGateway({ bus, clock, logger, metrics, settings: settings.gateway });

  const app = new Hono<ServerEnvironment>();
  addOtlpHttpRoutes(app, { access, forwarder, budget, limits, metrics, logger });
  addControlRoutes(app, { gateway, access, budget, metrics, logger });
  addHealthRoutes(app, {
    metrics: processMetrics,
    checkReady: async () => {
      gateway.checkReady();
      await bus.check();
    },
  });
  const httpServer = createHttpServer({
    app,
    host,
    port: httpPort,
    portSetting: "listen.otlpHttpPort",
    ...limits,
  });
  const grpcServer =
    grpcPort === null
      ? null
      : createOtlpGrpcServer({ host, port: grpcPort, access, forwarder, budget, limits, metrics, logger });

  const close = async (): Promise<void> => {
    await gateway.close();
    await Promise.all([httpServer.close(drainMs), grpcServer?.close(drainMs)]);
  };
  return {
    async listen() {
      try {
        const ports = { httpPort: await httpServer.listen(), grpcPort: (await grpcServer?.listen()) ?? null };
        await gateway.start();
        logger.info({ host, ...ports }, "collector listens");
        return ports;
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
  };
}
