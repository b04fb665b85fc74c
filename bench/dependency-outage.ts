import type { Benchmark, BenchmarkOptions } from "./support/benchmark.ts";
import { type Outage, runOutage } from "./support/outage.ts";
import type { Measurement, Report } from "./support/report.ts";

const turns = 20;

async function run({ small }: BenchmarkOptions): Promise<Report> {
  const processes = small ? 4 : 50;
  const bare = await runOutage({ variant: "bare", processes, turns });
  const supervised = await runOutage({ variant: "supervised", processes, turns });
  const line = (name: string, unit: string, value: number): Measurement => ({ name, unit, values: [value] });
  const lines = (name: string, outage: Outage): Measurement[] => [
    line(`requests that reached it, ${name}`, "", outage.requests),
    line(`  the most of one process`, "", outage.mostOfOne),
  ];
  return {
    title: "dependency-outage",
    measures: `requests that reach a dependency which answers 503 to everything, from ${String(processes)} agent processes of ${String(turns)} tool calls each, 50 ms apart; bare = a client with two retries; supervised = run.tool with three attempts and the default breaker, loop guard off`,
    bar: "supervised: at most 3 failures and one probe for each time the breaker may close, per process",
    doesNotMeasure: "how soon agents notice that it is back; the loop guard, which would stop them sooner",
    measurements: [...lines("bare", bare), ...lines("supervised", supervised)],
  };
}

/** What a breaker spares a dependency that is down. */
export const dependencyOutage: Benchmark = { run };
