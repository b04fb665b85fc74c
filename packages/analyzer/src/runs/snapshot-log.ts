import type { Bus, BusRecord, ReceivedRecord } from "@plumbline/bus";
import { header, topic } from "@plumbline/contracts";
import { type HeldRun, packedForm, runsPerTurn } from "./held-run.ts";
import type { RunState } from "./run-state.ts";
import type { WatermarkState } from "./source-watermarks.ts";

/** Written after the runs it belongs to: reading goes on from `offsets`, and what stands below is in the snapshots. */
export interface SnapshotMarker {
  offsets: Record<string, number>;
  watermarks: WatermarkState;
}

export interface PartitionSnapshot {
  runs: Map<string, HeldRun>;
  marker: SnapshotMarker | undefined;
}

export interface SnapshotReading {
  partition: number;
  /** By which rules the reader tells until when timers leave a run as it is; what others told of that does not count. */
  rules: string;
  onUnreadable: (key: string, error: unknown) => void;
}

const packedEncoding = "deflate-raw";
const forEver = "never";

/** Key of the marker; no run key begins with a tilde and two slashes. */
const markerKeyOf = (partition: number): string => `~marker//${String(partition)}`;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

type StoredRun = Pick<ReceivedRecord, "value" | "headers">;

function quietUntilOf({ headers }: StoredRun, rules: string): number {
  const [told = "", toldBy = ""] = (headers[header.quietUntil] ?? "").split("/", 2);
  if (toldBy !== rules) return 0;
  return told === forEver ? Number.POSITIVE_INFINITY : Number(told) || 0;
}

const quietHeader = (quietUntilMs: number, rules: string): string =>
  `${quietUntilMs === Number.POSITIVE_INFINITY ? forEver : String(quietUntilMs)}/${rules}`;

/** Packed runs stay packed until they are needed: most of many are at rest. */
function heldRun(record: StoredRun, rules: string): HeldRun {
  const { value, headers } = record;
  const isPacked = headers[header.contentEncoding] === packedEncoding;
  const form = isPacked ? value.slice() : (JSON.parse(decoder.decode(value)) as RunState);
  return { form, quietUntilMs: quietUntilOf(record, rules) };
}

/** The state of a partition as its last owner left it. Unreadable snapshots are told and left out: their runs begin anew. */
export async function loadSnapshot(
  bus: Bus,
  { partition, rules, onUnreadable }: SnapshotReading,
): Promise<PartitionSnapshot> {
  const latest = new Map<string, StoredRun>();
  const tail = await bus.tail({
    topic: topic.runSnapshots,
    partitions: [partition],
    from: "beginning",
    onRecord: ({ key, value, headers }) => {
      if (key === null) return;
      if (value.byteLength === 0) latest.delete(key);
      else latest.set(key, { value, headers });
    },
  });
  await tail.caughtUp;
  await tail.close();

  const snapshot: PartitionSnapshot = { runs: new Map(), marker: undefined };
  for (const [key, record] of latest) {
    try {
      if (key === markerKeyOf(partition))
        snapshot.marker = JSON.parse(decoder.decode(record.value)) as SnapshotMarker;
      else snapshot.runs.set(key, heldRun(record, rules));
    } catch (error) {
      onUnreadable(key, error);
    }
  }
  return snapshot;
}

export interface SnapshotChanges {
  /** Undefined for a run that is to be forgotten. */
  runs: readonly [string, HeldRun | undefined][];
  marker: SnapshotMarker;
  /** By which rules it is told until when timers leave a run as it is. */
  rules: string;
  quietUntilMs: (run: HeldRun) => number;
}

/**
 * Records of a snapshot, batch by batch, each made only when it is asked for: changed runs, runs to forget, and the marker
 * last. A snapshot that ends early is harmless: a run that is newer than the marker ignores the records it holds already.
 */
export function* snapshotBatches(
  partition: number,
  { runs, marker, rules, quietUntilMs }: SnapshotChanges,
): Generator<BusRecord[], undefined> {
  const recordOf = ([key, run]: [string, HeldRun | undefined]): BusRecord => {
    if (run === undefined) return { key, value: new Uint8Array(), partition };
    const headers = {
      [header.contentEncoding]: packedEncoding,
      [header.quietUntil]: quietHeader(quietUntilMs(run), rules),
    };
    return { key, value: packedForm(run.form), headers, partition };
  };
  for (let from = 0; from < runs.length; from += runsPerTurn)
    yield runs.slice(from, from + runsPerTurn).map(recordOf);
  yield [{ key: markerKeyOf(partition), value: encoder.encode(JSON.stringify(marker)), partition }];
}
