import { getRequestListener } from "@hono/node-server";
import { portError } from "@plumbline/contracts";
import type { Hono } from "hono";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { ServerEnvironment } from "./http-bindings.ts";

export interface HttpServerOptions {
  app: Hono<ServerEnvironment>;
  host: string;
  port: number;
  requestTimeoutMs: number;
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

export function createHttpServer({ app, host, port, requestTimeoutMs }: HttpServerOptions): HttpServer {
  const listener = getRequestListener((request, environment) => app.fetch(request, environment), {
    overrideGlobalObjects: false,
  });
  const server = createServer(
    { requestTimeout: requestTimeoutMs, headersTimeout: requestTimeoutMs },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  return {
    listen: () =>
      new Promise((resolve, reject) => {
        const onError = (error: Error): void => reject(portError(error, port, "listen.apiPort"));
        server.once("error", onError);
        server.listen({ port, host }, () => {
          server.off("error", onError);
          resolve((server.address() as AddressInfo).port);
        });
      }),
    close: (drainMs) =>
      new Promise((resolve) => {
        if (!server.listening) {
          resolve();
          return;
        }
        const timer = setTimeout(() => server.closeAllConnections(), drainMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
