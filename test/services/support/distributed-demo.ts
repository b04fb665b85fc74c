import type { CommandContext } from "../../../packages/cli/src/command-context.ts";
import { runDemo } from "../../../packages/cli/src/demo/run-demo.ts";
import { Cleanup } from "../harness/cleanup.ts";
import { startStockCollector } from "../harness/collector.ts";
import { collectorTool } from "../harness/collector-distribution.ts";
import { jaegerTool } from "../harness/jaeger-distribution.ts";
import { startJaeger, type Jaeger } from "../harness/jaeger.ts";
import { whyNoKafka } from "../harness/kafka-distribution.ts";
import { KafkaBroker } from "../harness/kafka.ts";
import { whyNoTool } from "../harness/tool-cache.ts";
import { checkRows, formatChecks, type RowCheck } from "./demo-rows.ts";
import { DistributedStack } from "./distributed-stack.ts";
import { findInJaeger } from "./jaeger-traces.ts";

/** Why the distributed demo can't run on this machine; all undefined when it can. */
export function whyNoDistributedDemo(): (string | undefined)[] {
  return [whyNoTool(collectorTool), whyNoTool(jaegerTool), whyNoKafka()];
}

/** The one that makes the same call again and again. */
const stuckAgent = "order-finder";

interface StuckFinding {
  FindingId: string;
  TraceId: string;
}

async function showsFinding(stack: DistributedStack, jaeger: Jaeger): Promise<RowCheck> {
  const name = "Jaeger shows the stuck agent's finding in its trace";
  const [finding] = await stack.readStore<StuckFinding>(
    `SELECT FindingId, TraceId FROM plumbline.findings FINAL WHERE RunId LIKE '%-${stuckAgent}' ORDER BY RaisedAt LIMIT 1`,
  );
  if (finding === undefined) return { name, holds: false, detail: "the store has no finding of it" };
  const { TraceId: traceId, FindingId: findingId } = finding;
  const found = await findInJaeger(jaeger.queryUrl, { traceId, findingId });
  if (found === undefined) return { name, holds: false, detail: `trace ${traceId} without ${findingId}` };
  return {
    name,
    holds: found.parentIsShown,
    detail: `${jaeger.queryUrl}/api/traces/${traceId}: ${String(found.spanCount)} spans, "${found.spanName}" below span ${found.parentSpanId}`,
  };
}

/**
 * Runs the demo on Kafka behind the stock Collector, with two analyzers, a gateway, a console and Jaeger.
 * @returns whether every agent ended as expected, Jaeger shows the finding and the rows are in the store
 */
export async function runDistributedDemo(context: CommandContext, seed: number): Promise<boolean> {
  const cleanup = new Cleanup();
  try {
    const broker = cleanup.add(await KafkaBroker.start(), (started) => started.dispose());
    const jaeger = cleanup.add(await startJaeger(), (started) => started.dispose());
    const otelCollector = cleanup.add(
      await startStockCollector({ kafkaBrokers: broker.brokers, jaegerGrpcPort: jaeger.otlpGrpcPort }),
      (started) => started.dispose(),
    );
    const stack = cleanup.add(
      await DistributedStack.start({
        broker,
        environment: { PLUMBLINE_FINDINGS_OTLP_ENDPOINT: otelCollector.otlpHttpUrl },
      }),
      (started) => started.dispose(),
    );
    const lines = [
      ["Kafka", broker.brokers.join(",")],
      ["OpenTelemetry Collector", otelCollector.otlpHttpUrl],
      ["Jaeger", jaeger.queryUrl],
      ["Analyzers", stack.analyzers.map(({ url }) => url).join(", ")],
      ["Gateway", stack.collector.url],
      ["Console", stack.console.url],
    ];
    context.print(lines.map(([name = "", value = ""]) => `${name.padEnd(25)}${value}`).join("\n"));
    const endedAsExpected = await runDemo(context, {
      seed,
      stack: {
        otlpUrl: otelCollector.otlpHttpUrl,
        controlUrl: stack.collector.url,
        apiUrl: stack.console.url,
        dataDirectory: stack.dataDirectory,
      },
      environment: context.environment,
    });
    const checks = [...(await checkRows(stack)), await showsFinding(stack, jaeger)];
    context.print(`\n${formatChecks(checks)}`);
    const passed = endedAsExpected && checks.every(({ holds }) => holds);
    if (!passed) context.print(`\nWhat the processes logged:\n${stack.logs()}`);
    return passed;
  } finally {
    await cleanup.run();
  }
}
