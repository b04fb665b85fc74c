import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { startProcess } from "./start-process.ts";

export interface OutageOptions {
  variant: "bare" | "supervised";
  processes: number;
  /** Tool calls that each agent makes. */
  turns: number;
}

export interface Outage {
  /** Requests that reached the dependency. */
  requests: number;
  /** The most of one process. */
  mostOfOne: number;
}

/** Lets agents run against a dependency that answers 503 to everything, each in a process of its own. */
export async function runOutage({ variant, processes, turns }: OutageOptions): Promise<Outage> {
  const byAgent = new Map<string, number>();
  const server = createServer((request, response) => {
    const agent = request.url?.split("/")[1] ?? "";
    byAgent.set(agent, (byAgent.get(agent) ?? 0) + 1);
    response.writeHead(503).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const entry = new URL("./processes/outage-process.ts", import.meta.url);
  const agents = Array.from({ length: processes }, (_, index) =>
    startProcess<{ done: boolean }>(entry, {
      BENCH_VARIANT: variant,
      BENCH_TURNS: String(turns),
      BENCH_DEPENDENCY_URL: `http://127.0.0.1:${String(port)}/agent-${String(index)}`,
    }),
  );
  try {
    await Promise.all(agents.map((agent) => agent.next()));
  } finally {
    await Promise.all(agents.map((agent) => agent.close()));
    server.closeAllConnections();
    server.close();
  }
  const counts = [...byAgent.values()];
  return { requests: counts.reduce((sum, count) => sum + count, 0), mostOfOne: Math.max(0, ...counts) };
}
