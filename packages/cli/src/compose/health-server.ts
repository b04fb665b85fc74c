import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { metricsContentType, type ProcessMetrics } from "@plumbline/collector";
import { SetupError, messageOf } from "@plumbline/contracts";

export interface HealthServerOptions {
  host: string;
  /** 0 takes any free port. */
  port: number;
  metrics: ProcessMetrics;
  /** Rejects with the reason while the process can't do its work. */
  readonly checkReady: () => Promise<void>;
}

/** `/healthz`, `/readyz` and `/metrics` of a process that serves nothing else; open to probes, they tell no content. */
export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

interface Answer {
  status: number;
  body: string;
  contentType?: string;
}

async function readiness(checkReady: () => Promise<void>): Promise<Answer> {
  try {
    await checkReady();
    return { status: 200, body: "ok\n" };
  } catch (error) {
    return { status: 503, body: `${messageOf(error)}\n` };
  }
}

async function answerTo(path: string, { metrics, checkReady }: HealthServerOptions): Promise<Answer> {
  switch (path) {
    case "/healthz":
      return { status: 200, body: "ok\n" };
    case "/readyz":
      return readiness(checkReady);
    case "/metrics":
      return { status: 200, body: await metrics.scrape(), contentType: metricsContentType };
    default:
      return { status: 404, body: "Only /healthz, /readyz and /metrics are here.\n" };
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  options: HealthServerOptions,
): Promise<void> {
  const path = (request.url ?? "").split("?", 1)[0] ?? "";
  const answer = await answerTo(path, options).catch((error: unknown): Answer => ({
    status: 500,
    body: `${messageOf(error)}\n`,
  }));
  response.writeHead(answer.status, { "content-type": answer.contentType ?? "text/plain; charset=utf-8" });
  response.end(answer.body);
}

/** @throws SetupError when the port can't be had */
export async function startHealthServer(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer((request, response) => void respond(request, response, options));
  try {
    server.listen({ host: options.host, port: options.port });
    await once(server, "listening");
  } catch (cause) {
    throw new SetupError(`Port ${String(options.port)} can't be opened: ${messageOf(cause)}.`, {
      code: "PORT_NOT_AVAILABLE",
      mend: "Stop what uses it, or set listen.healthPort to another port.",
      cause,
    });
  }
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
