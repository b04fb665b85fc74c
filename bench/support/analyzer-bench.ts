import { generateKeyPairSync } from "node:crypto";
import {
  type Analyzer,
  type AnalyzerMetrics,
  createDirectiveSigner,
  startAnalyzer,
} from "@plumbline/analyzer";
import { createMemoryBus } from "@plumbline/bus";
import { type Clock, systemClock, topic, topicSpecs } from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import type { MixRecord } from "./capture-mix.ts";
import type { Store } from "@plumbline/store";
import { createDiscardingStore } from "./discarding-store.ts";
import { type WatchedBus, watchBus } from "./watched-bus.ts";

/** An analyzer in this process on a memory bus and a store that forgets. */
export interface AnalyzerBench {
  bus: WatchedBus;
  /** Records that nobody could read, with the reasons. */
  rejected: Map<string, number>;
  publish(records: readonly MixRecord[]): Promise<void>;
  /** Resolves when everything published has gone through ingest and runs. */
  idle(): Promise<void>;
  /** Ends the analyzer and lets go of all it held; the bus stays. */
  closeAnalyzer(): Promise<void>;
  close(): Promise<void>;
}

const pollMs = 5;

function countingMetrics(rejected: Map<string, number>): AnalyzerMetrics {
  const count = (reason: string): void => void rejected.set(reason, (rejected.get(reason) ?? 0) + 1);
  return {
    recordRejected: (_record, reason) => count(reason),
    rowsRejected: (table) => count(`rows of ${table}`),
    storeRetried: (error) => count(`retry: ${String(error)}`),
    observationsRefused: () => undefined,
    duplicateDropped: () => count("duplicate"),
    snapshotUnreadable: (_key, reason) => count(reason),
    findingsNotShown: () => count("findings not shown"),
    compared: () => undefined,
    ingested: () => undefined,
  };
}

export interface AnalyzerBenchOptions {
  /** What the analyzer takes for now, in milliseconds since the epoch, when it starts; the captures' own time. */
  startAtMs: number;
  timerIntervalMs?: number;
  snapshotIntervalMs?: number;
  /** Puts on the bus what an earlier analyzer left behind. */
  prepare?: (bus: WatchedBus) => Promise<void>;
  /** Takes the rows; one that forgets them when left out. */
  store?: Store;
}

function shiftedClock(startAtMs: number): Clock {
  const offsetMs = startAtMs - systemClock.nowMs();
  return {
    nowMs: () => systemClock.nowMs() + offsetMs,
    sleep: (durationMs, signal) => systemClock.sleep(durationMs, signal),
  };
}

const stages = [topic.spans, topic.logs, topic.observations, topic.commands];

export async function startAnalyzerBench(options: AnalyzerBenchOptions): Promise<AnalyzerBench> {
  const bus = watchBus(createMemoryBus());
  await bus.createTopics(topicSpecs(1));
  const rejected = new Map<string, number>();
  const { startAtMs, prepare, store = createDiscardingStore(), ...intervals } = options;
  await prepare?.(bus);
  let analyzer: Analyzer | undefined = await startAnalyzer({
    anonymousTelemetry: "enforce",
    bus,
    store,
    clock: shiftedClock(startAtMs),
    signer: createDirectiveSigner(generateKeyPairSync("ed25519").privateKey),
    monitor: createMonitor(createPolicy({ profile: "enforce" })),
    metrics: countingMetrics(rejected),
    profile: "enforce",
    partitions: 1,
    ...intervals,
  });
  const isIdle = (): boolean =>
    stages.every((name) => (bus.published.get(name) ?? 0) === (bus.consumed.get(name) ?? 0));
  async function closeAnalyzer(): Promise<void> {
    await analyzer?.close();
    analyzer = undefined;
  }
  return {
    bus,
    rejected,
    async publish(records) {
      for (const name of [topic.logs, topic.spans]) {
        const own = records.filter((record) => record.topic === name).map(({ record }) => record);
        if (own.length > 0) await bus.publish(name, own);
      }
    },
    async idle() {
      // Held records come out after a quarter of a second: two looks that far apart.
      for (let quiet = 0; quiet < 400; quiet = isIdle() ? quiet + pollMs : 0) await systemClock.sleep(pollMs);
    },
    closeAnalyzer,
    async close() {
      await closeAnalyzer();
      await bus.close();
    },
  };
}
