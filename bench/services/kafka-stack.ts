import { environmentOf } from "../../test/pipeline/support/plumbline-process.ts";
import { DistributedStack } from "../../test/services/support/distributed-stack.ts";
import type { AgentReport } from "../support/agent-messages.ts";
import type { Stack } from "../support/stack.ts";
import { startProcess } from "../support/start-process.ts";

/** What takes the place of `plumbline up`, for the report. */
export const kafkaStackText =
  "instead of `plumbline up`: a real Kafka broker, one analyzer, a collector, a console, and a stand-in for a ClickHouse server (chdb behind its HTTP interface), each a process of its own on the same machine";

/** The distributed deployment as the benchmarks of a whole stack want it. */
export async function startKafkaStack(): Promise<Stack> {
  const stack = await DistributedStack.start({ analyzers: 1 });
  const { port: apiPort } = new URL(stack.console.url);
  const { port: otlpHttpPort } = new URL(stack.collector.url);
  const variables = environmentOf({
    dataDirectory: stack.dataDirectory,
    otlpHttpPort: Number(otlpHttpPort),
    otlpGrpcPort: 0,
    apiPort: Number(apiPort),
  });
  return {
    otlpUrl: stack.collector.url,
    client: stack.client(),
    async startAgents(modelUrl) {
      const agents = startProcess<AgentReport>(
        new URL("../support/processes/agent-process.ts", import.meta.url),
        { ...variables, PLUMBLINE_GUARDS: "off", BENCH_MODEL_URL: modelUrl },
      );
      await agents.next();
      return agents;
    },
    close: () => stack.dispose(),
  };
}
