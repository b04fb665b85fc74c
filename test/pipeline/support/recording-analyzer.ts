import { generateKeyPairSync } from "node:crypto";
import {
  type AnalyzerMetrics,
  type AnalyzerOptions,
  createDirectiveSigner,
  startAnalyzer,
} from "@plumbline/analyzer";
import type { Bus, BusRecord } from "@plumbline/bus";
import { systemClock, topic } from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { expect, onTestFinished, vi } from "vitest";
import { strictMetrics } from "../../../packages/analyzer/src/fixtures/strict-metrics.ts";
import { createRecordingStore, type RecordingStore } from "./recording-store.ts";

const signer = createDirectiveSigner(generateKeyPairSync("ed25519").privateKey);
const profile = "enforce";
type Choices = Omit<Partial<AnalyzerOptions>, "metrics"> & { metrics?: Partial<AnalyzerMetrics> };

/** Analyses what is on a bus, into a store that remembers, until the test is over. */
export async function analyse(bus: Bus, { metrics, ...choices }: Choices): Promise<RecordingStore> {
  const store = createRecordingStore();
  const analyzer = await startAnalyzer({
    bus,
    store,
    clock: systemClock,
    signer,
    monitor: createMonitor(createPolicy({ profile })),
    metrics: { ...strictMetrics, ...metrics },
    profile,
    partitions: 1,
    ...choices,
  });
  onTestFinished(() => analyzer.close());
  return store;
}

const kindOf = ({ value }: BusRecord): string =>
  (JSON.parse(new TextDecoder().decode(value ?? new Uint8Array())) as { kind: string }).kind;

/** What is on the observations log, timers aside, once so many of a kind are. */
export async function observationsOf(bus: Bus, kind: string, count: number): Promise<BusRecord[]> {
  const records: BusRecord[] = [];
  const tail = await bus.tail({
    topic: topic.observations,
    from: "beginning",
    onRecord: ({ key, value, headers }) => {
      if (key !== null) records.push({ key, value, headers });
    },
  });
  await vi.waitFor(
    () => expect(records.filter((record) => kindOf(record) === kind)).toHaveLength(count),
    10_000,
  );
  await tail.close();
  return records;
}
