import { readFileSync } from "node:fs";
import { systemClock, topic } from "@plumbline/contracts";
import { groupLag } from "../../packages/bus/src/contract/kafka-client.contract.ts";
import { DistributedStack } from "../../test/services/support/distributed-stack.ts";
import { residentBytes } from "../../test/services/support/resident-memory.ts";
import type { Benchmark, BenchmarkOptions } from "../support/benchmark.ts";
import { type LoadResult, startLoad } from "../support/load.ts";
import type { Measurement, Report } from "../support/report.ts";
import { kafkaStackText } from "./kafka-stack.ts";

const mebibyte = 1_048_576;
const ticksPerSecond = 100;
const lookEveryMs = 500;
const longestDrainMs = 60_000;
const burstFactor = 10;

/** CPU seconds that a process has used so far, all threads; children not counted. */
function cpuSeconds(processId: number): number {
  const [, fields = ""] = readFileSync(`/proc/${String(processId)}/stat`, "utf8").split(") ");
  const [user = 0, system = 0] = fields.split(" ").slice(11, 13).map(Number);
  return (user + system) / ticksPerSecond;
}

interface Looks {
  lags: number[];
  mebibytes: number[];
}

/** Looks at one analyzer while spans come. */
class Watch {
  readonly #stack: DistributedStack;
  readonly #processId: number;

  constructor(stack: DistributedStack) {
    this.#stack = stack;
    this.#processId = stack.analyzers[0]?.process.processId ?? 0;
  }

  get cpuSeconds(): number {
    return cpuSeconds(this.#processId);
  }

  get mebibytes(): number {
    return residentBytes(this.#processId) / mebibyte;
  }

  /** Records that are not stored and committed yet, of both groups. */
  async lag(): Promise<number> {
    const { brokers } = this.#stack.broker;
    const [ingest, runs] = await Promise.all([
      groupLag(brokers, "plumbline.ingest", [topic.spans, topic.logs]),
      groupLag(brokers, "plumbline.runs", [topic.observations, topic.commands]),
    ]);
    return ingest + runs;
  }

  async during(durationMs: number): Promise<Looks> {
    const looks: Looks = { lags: [], mebibytes: [] };
    const endMs = systemClock.nowMs() + durationMs;
    while (systemClock.nowMs() < endMs) {
      await systemClock.sleep(lookEveryMs);
      looks.lags.push(await this.lag());
      looks.mebibytes.push(this.mebibytes);
    }
    return looks;
  }

  /** How long it takes until next to nothing is left; timers keep coming. */
  async drainMs(): Promise<number> {
    const startMs = systemClock.nowMs();
    while (systemClock.nowMs() - startMs < longestDrainMs && (await this.lag()) > 8)
      await systemClock.sleep(50);
    return systemClock.nowMs() - startMs;
  }
}

interface Phase extends Looks {
  load: LoadResult;
  cpuSeconds: number;
  drainMs: number;
}

async function phase(
  stack: DistributedStack,
  watch: Watch,
  { rate, durationMs }: { rate: number; durationMs: number },
): Promise<Phase> {
  const before = watch.cpuSeconds;
  const load = await startLoad(stack.collector.url, rate);
  const looks = await watch.during(durationMs);
  const result = await load.stop();
  const drainMs = await watch.drainMs();
  return { ...looks, load: result, cpuSeconds: watch.cpuSeconds - before, drainMs };
}

function linesOf(name: string, { load, lags, mebibytes, cpuSeconds: cpu, drainMs }: Phase): Measurement[] {
  const accepted = load.accepted / load.seconds;
  return [
    { name: `${name}: spans taken in`, unit: "spans/s", values: [accepted] },
    { name: `${name}: spans refused`, unit: "spans", values: [load.refused] },
    { name: `${name}: analyzer, spans per CPU second`, unit: "spans/s", values: [load.accepted / cpu] },
    { name: `${name}: lag of both groups`, unit: "records", values: lags },
    { name: `${name}: from the last span to no lag`, unit: "ms", values: [drainMs] },
    { name: `${name}: analyzer resident`, unit: "MiB", values: mebibytes },
  ];
}

async function run({ small, rates }: BenchmarkOptions): Promise<Report> {
  const [usual = 500] = rates ?? [];
  const durationMs = small ? 5_000 : 15_000;
  const stack = await DistributedStack.start({ analyzers: 1, environment: { PLUMBLINE_PROFILE: "guard" } });
  try {
    const watch = new Watch(stack);
    // The first seconds of a process are its compiler's.
    await phase(stack, watch, { rate: usual, durationMs: 5_000 });
    const flow = await phase(stack, watch, { rate: usual, durationMs });
    const burst = await phase(stack, watch, { rate: usual * burstFactor, durationMs });
    const after = await phase(stack, watch, { rate: usual, durationMs });
    return {
      title: "analyzer-on-kafka",
      measures: `healthy runs of GenAI spans (1.4 KB on average) at ${String(usual)} spans/s, then ${String(burstFactor)} times that, then as before; lag and memory every half second. Deployment ${kafkaStackText}`,
      bar: "≥ 20,000 spans/s per core of the analyzer alone (analyzer-throughput, without bus and tables); memory bounded under the burst, lag gone after it",
      doesNotMeasure: "several brokers, a ClickHouse server, the network",
      measurements: [
        ...linesOf("usual", flow),
        ...linesOf(`${String(burstFactor)}× burst`, burst),
        ...linesOf("afterwards", after),
      ],
    };
  } finally {
    await stack.dispose();
  }
}

export const analyzerOnKafka: Benchmark = { run };
