import { RejectedError, type TopicSpec } from "@plumbline/contracts";
import type { BusRecord } from "../bus.ts";
import { maxRecordBytes } from "../limits.ts";
import { partitionOf } from "../partitioner/partition-of.ts";

/** A record whose partition has been decided. */
export interface PlacedRecord {
  partition: number;
  key: string | null;
  value: Uint8Array;
  headers: Readonly<Record<string, string>>;
}

/** What a record counts toward limits. */
export function recordBytes(record: Pick<PlacedRecord, "key" | "value" | "headers">): number {
  let bytes = record.value.byteLength + (record.key === null ? 0 : record.key.length);
  for (const [name, value] of Object.entries(record.headers)) bytes += name.length + value.length;
  return bytes;
}

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

export type PlacementSpec = Pick<TopicSpec, "name" | "partitions" | "cleanup">;

/** Decides the partition of each record; records without a key take turns. */
export class Placement {
  readonly #turns = new Map<string, number>();

  /** @throws RejectedError for a record that no retry makes acceptable; then none of them is placed */
  place(spec: PlacementSpec, records: readonly BusRecord[]): PlacedRecord[] {
    return records.map((record) => {
      const { key, value, headers = noHeaders } = record;
      const placed = { partition: this.#partition(spec, record), key, value, headers };
      checkRecord(spec, placed);
      return placed;
    });
  }

  #partition(spec: PlacementSpec, record: BusRecord): number {
    if (record.partition !== undefined) return record.partition;
    if (record.key !== null) return partitionOf(record.key, spec.partitions);
    const turn = this.#turns.get(spec.name) ?? 0;
    this.#turns.set(spec.name, turn + 1);
    return turn % spec.partitions;
  }
}

function checkRecord(spec: PlacementSpec, record: PlacedRecord): void {
  const { partition } = record;
  if (!Number.isInteger(partition) || partition < 0 || partition >= spec.partitions) {
    throw new RejectedError(
      `Topic ${spec.name} has partitions 0 to ${String(spec.partitions - 1)}, not ${String(partition)}.`,
      {
        code: "PARTITION_UNKNOWN",
      },
    );
  }
  if (spec.cleanup === "compact" && record.key === null) {
    throw new RejectedError(`A record for compacted topic ${spec.name} has no key.`, {
      code: "RECORD_WITHOUT_KEY",
    });
  }
  const bytes = recordBytes(record);
  if (bytes > maxRecordBytes) {
    throw new RejectedError(
      `A record for topic ${spec.name} has ${String(bytes)} bytes, at most ${String(maxRecordBytes)} are taken.`,
      {
        code: "RECORD_TOO_LARGE",
        mend: "Split it, or limit the length of attributes where it is made.",
      },
    );
  }
}
