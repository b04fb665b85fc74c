// The benchmarks that need a real Kafka broker. Run: npx node --conditions=@plumbline/source bench/services/run.ts NAME
import { parseArgs } from "node:util";
import { commandToAbort } from "../command-to-abort.ts";
import type { Benchmark } from "../support/benchmark.ts";
import { formatReport, takeStamp } from "../support/report.ts";
import { timeToStop } from "../time-to-stop.ts";
import { analyzerOnKafka } from "./analyzer-on-kafka.ts";
import { kafkaStackText, startKafkaStack } from "./kafka-stack.ts";

/** The same benchmark on the distributed deployment. */
const overKafka = (benchmark: Benchmark, bar: string): Benchmark => ({
  async run(options) {
    const report = await benchmark.run({ ...options, startStack: startKafkaStack });
    return {
      ...report,
      title: `${report.title} over Kafka`,
      measures: `${report.measures}; ${kafkaStackText}`,
      bar,
      doesNotMeasure: "network between machines, more than one broker, a ClickHouse server",
    };
  },
});

const benchmarks: Readonly<Record<string, Benchmark>> = {
  "time-to-stop": overKafka(
    timeToStop,
    "p99 < 500 ms with 5,000 spans/s flowing, at model latencies of 0, 50 and 800 ms",
  ),
  "command-to-abort": overKafka(commandToAbort, "p99 < 150 ms with 5,000 spans/s flowing"),
  "analyzer-on-kafka": analyzerOnKafka,
};

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      small: { type: "boolean", default: false },
      rates: { type: "string" },
      "agents-at-once": { type: "string" },
      "warm-up": { type: "string", default: "1" },
    },
  });
  const benchmark = benchmarks[positionals[0] ?? ""];
  if (benchmark === undefined) {
    process.stderr.write(
      `bench/services/run.ts NAME [--small] [--rates 0,5000] [--agents-at-once 5] [--warm-up 1]\nNAME: ${Object.keys(benchmarks).join(", ")}\n`,
    );
    return 2;
  }
  const stamp = takeStamp();
  const rates = values.rates?.split(",").map(Number);
  const warmUpRounds = Number(values["warm-up"]);
  const agentsAtOnce = values["agents-at-once"] === undefined ? undefined : Number(values["agents-at-once"]);
  const options = { small: values.small, rates, agentsAtOnce, warmUpRounds, liveRuns: 0 };
  const report = await benchmark.run(options);
  process.stdout.write(formatReport(report, stamp));
  return 0;
}

process.exitCode = await main();
