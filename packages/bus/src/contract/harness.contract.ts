import { systemIds, type TopicSpec } from "@plumbline/contracts";
import { expect, test } from "vitest";
import type { Bus } from "../bus.ts";

/** What an adapter may opt out of, by name and with a reason. */
export type Capability =
  /** Data outlives the bus that wrote it. */
  | "persistence"
  /** Publishing is refused while a group is too far behind. */
  | "back-pressure"
  /** Records leave soon after their retention time. */
  | "prompt-retention"
  /** Replaced records of a compacted topic leave at once. */
  | "prompt-compaction";

export interface BedSettings {
  /** Refuse to publish beyond so many unread records. */
  maxBacklogRecords?: number;
}

/** The place where one test plays. */
export interface TestBed {
  bus: Bus;
  /** Closes the bus and opens it again on the same data. */
  reopen(): Promise<Bus>;
  dispose(): Promise<void>;
}

export interface BusHarness {
  start(settings: BedSettings): Promise<TestBed>;
  optOuts: Partial<Record<Capability, string>>;
}

export interface Scene {
  bed: TestBed;
  bus: Bus;
  /** A name nobody else uses. */
  name(base: string): string;
  /** Creates a topic (one partition, kept for ever, unless told otherwise) and returns its name. */
  topic(overrides?: Partial<TopicSpec>): Promise<string>;
}

export interface CaseOptions extends BedSettings {
  needs?: Capability;
}

export type BusCase = (title: string, play: (scene: Scene) => Promise<void>, options?: CaseOptions) => void;

/** How the parts of the suite declare a test. */
export function busCases(harness: BusHarness): BusCase {
  return (title, play, { needs, ...settings } = {}) => {
    const optOut = needs === undefined ? undefined : harness.optOuts[needs];
    test(`${title}`, async ({ skip }) => {
      if (optOut !== undefined) skip(`opted out of ${String(needs)}: ${optOut}`);
      expect.hasAssertions();
      const bed = await harness.start(settings);
      try {
        await play(sceneOf(bed));
      } finally {
        await bed.dispose();
      }
    });
  };
}

function sceneOf(bed: TestBed): Scene {
  const name = (base: string): string => `${base}-${systemIds.next().slice(0, 8)}`;
  const topic = async (overrides: Partial<TopicSpec> = {}): Promise<string> => {
    const spec: TopicSpec = {
      name: name("topic"),
      partitions: 1,
      cleanup: "delete",
      retentionMs: null,
      ...overrides,
    };
    await bed.bus.createTopics([spec]);
    return spec.name;
  };
  return { bed, bus: bed.bus, name, topic };
}
