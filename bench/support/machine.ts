import { availableParallelism, cpus, loadavg, totalmem } from "node:os";

/** Where a benchmark ran. */
export interface Machine {
  cores: number;
  processor: string;
  memoryGiB: number;
  node: string;
  /** Load averages over 1, 5 and 15 minutes when the benchmark began: what others did on the machine. */
  loadAverages: number[];
}

export function describeMachine(): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? "unknown",
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    loadAverages: loadavg().map((value) => Math.round(value * 100) / 100),
  };
}
