import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@plumbline/contracts";
import { createOperatorClient, type OperatorClient } from "../../packages/cli/src/api/operator-client.ts";
import { createPlace, environmentOf, startPlumbline } from "../../test/pipeline/support/plumbline-process.ts";
import { startProcess, type BenchProcess } from "./start-process.ts";
import type { AgentReport } from "./agent-messages.ts";

/** `plumbline up` as a process of its own, in a directory that goes with it. */
export interface Stack {
  otlpUrl: string;
  client: OperatorClient;
  /** A process of agents whose telemetry goes there and whose local guards are off. */
  startAgents(modelUrl: string): Promise<BenchProcess<AgentReport>>;
  close(): Promise<void>;
}

const longestStopMs = 15_000;

export async function startStack(): Promise<Stack> {
  const place = await createPlace(await mkdtemp(join(tmpdir(), "plumbline-bench-")));
  const running = await startPlumbline(place);
  const end = (): void => void running.child.kill("SIGKILL");
  process.once("exit", end);
  const variables = environmentOf(place);
  return {
    otlpUrl: `http://127.0.0.1:${String(place.otlpHttpPort)}`,
    client: createOperatorClient({ url: variables["PLUMBLINE_API"] ?? "", token: undefined }),
    async startAgents(modelUrl) {
      const agents = startProcess<AgentReport>(new URL("./processes/agent-process.ts", import.meta.url), {
        ...variables,
        PLUMBLINE_GUARDS: "off",
        BENCH_MODEL_URL: modelUrl,
      });
      await agents.next();
      return agents;
    },
    async close() {
      const tooLong = systemClock.sleep(longestStopMs).then(() => running.killHard());
      await Promise.race([running.stop(), tooLong]);
      process.off("exit", end);
      await rm(place.dataDirectory, { recursive: true, force: true });
    },
  };
}
