import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What one action came to at the outside. */
export interface Effect {
  path: string;
  order: number;
  key: string;
}

/**
 * The outside world: `/pay` honours idempotency keys, `/mail` does not. It counts what took effect, and how often it was
 * asked.
 */
export interface CountingService {
  url: string;
  effects: Effect[];
  requests: number;
  close(): Promise<void>;
}

async function bodyOf(request: IncomingMessage): Promise<{ order: number }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString("utf8")) as { order: number };
}

export async function startCountingService(): Promise<CountingService> {
  const effects: Effect[] = [];
  const honoured = new Set<string>();
  const server = createServer((request, response) => {
    const serve = async (): Promise<void> => {
      const { order } = await bodyOf(request);
      const key = String(request.headers["idempotency-key"]);
      const path = request.url ?? "";
      service.requests += 1;
      const isKnown = path === "/pay" && honoured.has(key);
      if (!isKnown) effects.push({ path, order, key });
      honoured.add(key);
      response.setHeader("content-type", "application/json").end(JSON.stringify({ receipt: key }));
    };
    serve().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const service: CountingService = {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    effects,
    requests: 0,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return service;
}
