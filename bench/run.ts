import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { analyzerThroughput } from "./analyzer-throughput.ts";
import { auditCpu } from "./audit-cpu.ts";
import { commandToAbort } from "./command-to-abort.ts";
import { decodeRecogniseAssemble } from "./decode-recognise-assemble.ts";
import { dependencyOutage } from "./dependency-outage.ts";
import { detectionThroughput } from "./detection-throughput.ts";
import { embeddingThroughput } from "./embedding-throughput.ts";
import { endToEnd } from "./end-to-end.ts";
import { eventToShow } from "./event-to-show.ts";
import { instrumentationCpu } from "./instrumentation-cpu.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { formatReport, jsonReport, takeStamp } from "./support/report.ts";
import { timeToStop } from "./time-to-stop.ts";
import { toolOverhead } from "./tool-overhead.ts";

const benchmarks: Readonly<Record<string, Benchmark>> = {
  "time-to-stop": timeToStop,
  "command-to-abort": commandToAbort,
  "event-to-show": eventToShow,
  "instrumentation-cpu": instrumentationCpu,
  "tool-overhead": toolOverhead,
  "dependency-outage": dependencyOutage,
  "audit-cpu": auditCpu,
  "end-to-end": endToEnd,
  "analyzer-throughput": analyzerThroughput,
  "decode-recognise-assemble": decodeRecogniseAssemble,
  "detection-throughput": detectionThroughput,
  "embedding-throughput": embeddingThroughput,
};

const usage = `npm run bench -- NAME [--json] [--small] [--rates 0,500,5000] [--agents-at-once 5] [--live-runs 20000] [--out FILE]
NAME: ${Object.keys(benchmarks).join(", ")}
`;

function readArguments(): ReturnType<typeof parse> | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      small: { type: "boolean", default: false },
      rates: { type: "string" },
      "agents-at-once": { type: "string" },
      "live-runs": { type: "string", default: "20000" },
      out: { type: "string" },
    },
  });
}

async function main(): Promise<number> {
  const given = readArguments();
  const benchmark = benchmarks[given?.positionals[0] ?? ""];
  if (given === undefined || benchmark === undefined) {
    process.stderr.write(usage);
    return 2;
  }
  const { json, small, rates, out } = given.values;
  const agentsAtOnce = given.values["agents-at-once"];
  const stamp = takeStamp();
  const report = await benchmark.run({
    small,
    rates: rates?.split(",").map(Number),
    agentsAtOnce: agentsAtOnce === undefined ? undefined : Number(agentsAtOnce),
    liveRuns: Number(given.values["live-runs"]),
  });
  if (out !== undefined) await writeFile(out, jsonReport(report, stamp));
  process.stdout.write(json ? jsonReport(report, stamp) : formatReport(report, stamp));
  return 0;
}

// Leaves no process behind when it is stopped early.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
process.exitCode = await main();
