import type { Report } from "./report.ts";
import type { Stack } from "./stack.ts";

export interface BenchmarkOptions {
  /** Fewer repetitions and shorter ones: to see whether a benchmark runs, not for figures to keep. */
  small: boolean;
  /** Spans per second that flow beside what is measured; each benchmark has its own default. */
  rates: readonly number[] | undefined;
  /** Runs that the analyzer holds at once where memory is measured. */
  liveRuns: number;
  /** Rounds that go before those that count, so that processes which have just begun are not what is measured. Default: none. */
  warmUpRounds?: number;
  /** Agents that are stuck at the same time; each benchmark has its own default. */
  agentsAtOnce?: number | undefined;
  /** What is measured where a whole stack is. Default: `plumbline up`. */
  startStack?: () => Promise<Stack>;
}

export interface Benchmark {
  run(options: BenchmarkOptions): Promise<Report>;
}
