// Makes everything that the services tests start, one after the other, so that no test waits for a build.
// Run: node --conditions=@plumbline/source test/services/prepare/main.ts
import { collectorBinary, collectorTool } from "../harness/collector-distribution.ts";
import { jaegerBinary, jaegerTool } from "../harness/jaeger-distribution.ts";
import { kafkaClassPath, whyNoKafka } from "../harness/kafka-distribution.ts";
import { prometheusFolder, prometheusTool } from "../harness/prometheus-distribution.ts";
import { whyNoTool } from "../harness/tool-cache.ts";

interface Preparation {
  title: string;
  whyNot(): string | undefined;
  make(): Promise<unknown>;
}

const preparations: readonly Preparation[] = [
  { title: "Apache Kafka", whyNot: whyNoKafka, make: kafkaClassPath },
  { title: prometheusTool.title, whyNot: () => whyNoTool(prometheusTool), make: prometheusFolder },
  { title: collectorTool.title, whyNot: () => whyNoTool(collectorTool), make: collectorBinary },
  { title: jaegerTool.title, whyNot: () => whyNoTool(jaegerTool), make: jaegerBinary },
];

for (const { title, whyNot, make } of preparations) {
  const reason = whyNot();
  if (reason === undefined) await make();
  console.log(reason === undefined ? `${title}: ready` : `${title}: left out. ${reason}.`);
}
