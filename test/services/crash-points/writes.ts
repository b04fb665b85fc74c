import type { BusRecord, Commit } from "@plumbline/bus";
import { topic } from "@plumbline/contracts";
import type { TableName } from "@plumbline/store";

/** Everything that an analyzer writes, in the order in which one record of an agent makes it write. */
export const writeNames = [
  "affinity of a trace published",
  "observations published",
  "range of raw rows planned",
  "raw rows inserted",
  "range of raw rows committed",
  "directives published",
  "commands published",
  "range of steps planned",
  "steps inserted",
  "findings inserted",
  "summaries inserted",
  "range of steps committed",
  "snapshots of runs published",
  "marker of a snapshot published",
] as const;
export type WriteName = (typeof writeNames)[number];

const publishes: Readonly<Record<string, WriteName>> = {
  [topic.traceAffinity]: "affinity of a trace published",
  [topic.observations]: "observations published",
  [topic.controlState]: "directives published",
  [topic.commands]: "commands published",
};

const inserts: { readonly [Name in TableName]?: WriteName } = {
  otel_logs: "raw rows inserted",
  steps: "steps inserted",
  findings: "findings inserted",
  runs: "summaries inserted",
};

export function writeOfPublish(topicName: string, records: readonly BusRecord[]): WriteName | undefined {
  if (topicName === topic.runSnapshots) {
    const isMarker = records.some(({ key }) => key?.startsWith("~marker//") === true);
    return isMarker ? "marker of a snapshot published" : "snapshots of runs published";
  }
  // Timers have no key.
  return records.some(({ key }) => key !== null) ? publishes[topicName] : undefined;
}

export function writeOfInsert(table: TableName): WriteName | undefined {
  return inserts[table];
}

/** A note says that a range is planned; without one it is done. */
export function writeOfCommit(group: string, { metadata }: Commit): WriteName {
  if (group === "plumbline.ingest")
    return metadata === "" ? "range of raw rows committed" : "range of raw rows planned";
  return metadata === "" ? "range of steps committed" : "range of steps planned";
}
