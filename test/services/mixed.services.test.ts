import { join } from "node:path";
import { describe } from "vitest";
import { describeDeployment, type Deployment } from "../pipeline/mixed/deployment-suite.ts";
import { startChdbHttpServer } from "../pipeline/support/start-chdb-http-server.ts";
import { Cleanup } from "./harness/cleanup.ts";
import { whyNoKafka } from "./harness/kafka-distribution.ts";
import { KafkaBroker } from "./harness/kafka.ts";
import { announceSkip } from "./harness/skip.ts";

const reason = announceSkip("`plumbline up` on Kafka", [whyNoKafka()]);

async function onKafka(
  environmentOf: (cleanup: Cleanup) => Promise<Record<string, string>>,
): Promise<Deployment> {
  const cleanup = new Cleanup();
  const broker = cleanup.add(await KafkaBroker.start(), (started) => started.dispose());
  const bus = { PLUMBLINE_BUS: `kafka://${broker.brokers.join(",")}` };
  const environment = { ...bus, ...(await environmentOf(cleanup)) };
  return { environment, dispose: () => cleanup.run() };
}

describe.skipIf(reason !== undefined)("`plumbline up` on a real Kafka", () => {
  describeDeployment("Kafka and chdb", {
    without: [],
    start: () => onKafka(() => Promise.resolve({ PLUMBLINE_STORE: "chdb" })),
  });

  describeDeployment("Kafka and a ClickHouse server", {
    without: ["chdb"],
    start: (directory) =>
      onKafka(async (cleanup) => {
        const server = cleanup.add(await startChdbHttpServer(join(directory, "server")), (started) =>
          started.stop(),
        );
        return { PLUMBLINE_STORE: server.url.replace("http://", "clickhouse://") };
      }),
  });
});
