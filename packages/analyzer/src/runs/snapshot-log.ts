import type { Bus, BusRecord } from "@plumbline/bus";
import { topic } from "@plumbline/contracts";
import type { RunState } from "./run-state.ts";
import type { WatermarkState } from "./source-watermarks.ts";

/** Written after the runs it belongs to: reading goes on from `offsets`, and what stands below is in the snapshots. */
export interface SnapshotMarker {
  offsets: Record<string, number>;
  watermarks: WatermarkState;
}

export interface PartitionSnapshot {
  runs: Map<string, RunState>;
  marker: SnapshotMarker | undefined;
}

/** Key of the marker; no run key begins with a tilde and two slashes. */
const markerKeyOf = (partition: number): string => `~marker//${String(partition)}`;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** The state of a partition as its last owner left it. Unreadable snapshots are told and left out: their runs begin anew. */
export async function loadSnapshot(
  bus: Bus,
  partition: number,
  onUnreadable: (key: string, error: unknown) => void,
): Promise<PartitionSnapshot> {
  const latest = new Map<string, Uint8Array>();
  const tail = await bus.tail({
    topic: topic.runSnapshots,
    partitions: [partition],
    from: "beginning",
    onRecord: ({ key, value }) => {
      if (key === null) return;
      if (value.byteLength === 0) latest.delete(key);
      else latest.set(key, value);
    },
  });
  await tail.caughtUp;
  await tail.close();

  const snapshot: PartitionSnapshot = { runs: new Map(), marker: undefined };
  for (const [key, value] of latest) {
    try {
      const parsed: unknown = JSON.parse(decoder.decode(value));
      if (key === markerKeyOf(partition)) snapshot.marker = parsed as SnapshotMarker;
      else snapshot.runs.set(key, parsed as RunState);
    } catch (error) {
      onUnreadable(key, error);
    }
  }
  return snapshot;
}

/** Runs per batch: so few that writing them down never holds up a verdict for long. */
const runsPerBatch = 16;

/**
 * Records of a snapshot, batch by batch, each made only when it is asked for: changed runs, runs to forget, and the marker
 * last. A snapshot that ends early is harmless: a run that is newer than the marker ignores the records it holds already.
 */
export function* snapshotBatches(
  partition: number,
  changes: { runs: readonly [string, RunState | undefined][]; marker: SnapshotMarker },
): Generator<BusRecord[]> {
  const { runs, marker } = changes;
  for (let from = 0; from < runs.length; from += runsPerBatch) {
    yield runs.slice(from, from + runsPerBatch).map(([key, state]) => {
      const value = state === undefined ? new Uint8Array() : encoder.encode(JSON.stringify(state));
      return { key, value, partition };
    });
  }
  yield [{ key: markerKeyOf(partition), value: encoder.encode(JSON.stringify(marker)), partition }];
}
