import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { Bus, BusRecord } from "@plumbline/bus";
import {
  type Command,
  parseRunKey,
  runKey,
  systemClock,
  topic,
  traceAffinityKey,
} from "@plumbline/contracts";
import { type AnalyzerBench, startAnalyzerBench } from "./analyzer-bench.ts";
import { memoryAfterCollection } from "./collect-garbage.ts";

/*
 * As many live runs as wanted, made of a few that an analyzer has worked on: each is written down under ids of its own as
 * the analyzer writes runs down, and an analyzer takes them over as from one that died.
 */

export interface HeldRuns {
  runs: number;
  /** All that the analyzer keeps of them. */
  bytes: number;
  /** From the start of the analyzer until it answers, all of them taken over. */
  takeOverSeconds: number;
  /** Share of the runs a command was sent to of which the analyzer made a directive. */
  obeying: number;
}

const recordsPerPublish = 500;
const commandedRuns = 500;
const longestWaitMs = 120_000;

interface Copy {
  snapshot: BusRecord;
  affinity: BusRecord;
}

/** The run under an id of its own, with one trace that belongs to it. */
function copyOf({ key, value, headers = {} }: BusRecord, number: number): Copy {
  const { tenantId, runId } = parseRunKey(key ?? "");
  const ownId = `${runId}-${String(number)}`;
  const text = inflateRawSync(value).toString("utf8");
  const own = deflateRawSync(text.replaceAll(JSON.stringify(runId), JSON.stringify(ownId)), { level: 1 });
  const traceId = number.toString(16).padStart(32, "0");
  return {
    snapshot: { key: runKey(tenantId, ownId), value: own, headers, partition: 0 },
    affinity: { key: traceAffinityKey(tenantId, traceId), value: Buffer.from(ownId), partition: 0 },
  };
}

async function writeDown(bus: Bus, templates: readonly BusRecord[], wanted: number): Promise<string[]> {
  const keys: string[] = [];
  for (let from = 0; from < wanted; from += recordsPerPublish) {
    const copies: Copy[] = [];
    for (let number = from; number < Math.min(wanted, from + recordsPerPublish); number += 1) {
      const template = templates[number % templates.length];
      if (template !== undefined) copies.push(copyOf(template, number));
    }
    const snapshots = copies.map(({ snapshot }) => snapshot);
    await bus.publish(topic.runSnapshots, snapshots);
    await bus.publish(
      topic.traceAffinity,
      copies.map(({ affinity }) => affinity),
    );
    keys.push(...snapshots.map(({ key }) => key ?? ""));
  }
  return keys;
}

function pauseOf(key: string): BusRecord {
  const command: Command = {
    version: 1,
    type: "command",
    ...parseRunKey(key),
    commandId: `pause-${key}`,
    issuedBy: "user:bench",
    issuedAtMs: systemClock.nowMs(),
    findingId: null,
    message: "",
    verb: "pause",
    reason: "USER_PAUSED",
  };
  return { key, value: Buffer.from(JSON.stringify(command)) };
}

/** Spread over all of them, so that few were put in one after the other. */
const someOf = (keys: readonly string[], count: number): string[] => {
  const step = Math.max(1, Math.floor(keys.length / count));
  return keys.filter((_key, index) => index % step === 0).slice(0, count);
};

async function untilDirectives({ bus }: AnalyzerBench, wanted: number): Promise<number> {
  const startMs = systemClock.nowMs();
  const told = (): number => bus.published.get(topic.controlState) ?? 0;
  while (told() < wanted && systemClock.nowMs() - startMs < longestWaitMs) await systemClock.sleep(20);
  return told();
}

/** @param templates snapshots of runs that are not over */
export async function measureHeldRuns(
  templates: readonly BusRecord[],
  { wanted, startAtMs }: { wanted: number; startAtMs: number },
): Promise<HeldRuns> {
  let keys: string[] = [];
  let startedAtMs = 0;
  const bench = await startAnalyzerBench({
    startAtMs,
    // The recorded runs are of different days: one moment would end nearly all of them.
    timerIntervalMs: 3_600_000,
    async prepare(bus) {
      keys = await writeDown(bus, templates, wanted);
      startedAtMs = systemClock.nowMs();
    },
  });
  try {
    const [first = "", ...others] = someOf(keys, commandedRuns);
    await bench.bus.publish(topic.commands, [pauseOf(first)]);
    if ((await untilDirectives(bench, 1)) === 0)
      throw new Error(`The analyzer took no command: ${[...bench.rejected.keys()].join("; ")}`);
    const takeOverSeconds = (systemClock.nowMs() - startedAtMs) / 1_000;
    const holding = memoryAfterCollection();
    await bench.bus.publish(topic.commands, others.map(pauseOf));
    const obeyed = await untilDirectives(bench, 1 + others.length);
    await bench.closeAnalyzer();
    const bytes = holding - memoryAfterCollection();
    return { runs: keys.length, bytes, takeOverSeconds, obeying: obeyed / (1 + others.length) };
  } finally {
    await bench.close();
  }
}
