import { portError } from "@plumbline/contracts";
import { getRequestListener } from "@hono/node-server";
import type { Hono } from "hono";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerEnvironment } from "./http-bindings.ts";

export interface HttpServerOptions {
  app: Hono<ServerEnvironment>;
  host: string;
  port: number;
  /** Name of the setting that holds the port, for the error message. */
  portSetting: string;
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  maxConnections: number;
}

export interface HttpServer {
  /**
   * @returns the port
   * @throws SetupError when the port can't be had
   */
  listen(): Promise<number>;
  /** Takes no more connections, waits for requests in work, then cuts what is left. */
  close(drainMs: number): Promise<void>;
}

const checkingIntervalMs = 2000;
/** Above the idle time of usual clients and proxies, so that they close first. */
const keepAliveTimeoutMs = 65_000;

function closeServer(server: Server, drainMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), drainMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { app, host, port, portSetting, headersTimeoutMs, requestTimeoutMs, maxConnections } = options;
  const listener = getRequestListener((request, environment) => app.fetch(request, environment), {
    overrideGlobalObjects: false,
    autoCleanupIncoming: false,
  });
  const server = createServer(
    {
      headersTimeout: Math.min(headersTimeoutMs, requestTimeoutMs),
      requestTimeout: requestTimeoutMs,
      keepAliveTimeout: keepAliveTimeoutMs,
      connectionsCheckingInterval: checkingIntervalMs,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.maxConnections = maxConnections;
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        const onError = (error: Error): void => reject(portError(error, port, portSetting));
        server.once("error", onError);
        server.listen({ port, host }, () => {
          server.off("error", onError);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    close: (drainMs) => (server.listening ? closeServer(server, drainMs) : Promise.resolve()),
  };
}
