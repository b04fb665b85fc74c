import type { ReceivedRecord } from "../bus.ts";
import type { DropRequest, Extent } from "../local-bus/record-log.ts";
import { recordBytes } from "../publishing/placement.ts";

interface Entry {
  record: ReceivedRecord;
  bytes: number;
  /** Of everything appended before it. */
  bytesBefore: number;
  /** Replaced by a later record of its key. */
  dead: boolean;
}

/** The records of one partition in offset order; dead ones of compacted topics are cleared out now and then. */
export class MemoryPartition {
  readonly #lastByKey: Map<string, Entry> | undefined;
  #entries: Entry[] = [];
  #deadCount = 0;
  #nextOffset = 0;
  #appendedBytes = 0;
  #keptBytes = 0;

  constructor(compacted: boolean) {
    this.#lastByKey = compacted ? new Map() : undefined;
  }

  append(record: Omit<ReceivedRecord, "offset">): number {
    const offset = this.#nextOffset;
    const bytes = recordBytes(record);
    const entry: Entry = {
      record: { ...record, value: new Uint8Array(record.value), offset },
      bytes,
      bytesBefore: this.#appendedBytes,
      dead: false,
    };
    this.#entries.push(entry);
    this.#nextOffset += 1;
    this.#appendedBytes += bytes;
    this.#keptBytes += bytes;
    if (this.#lastByKey !== undefined && record.key !== null) {
      const replaced = this.#lastByKey.get(record.key);
      if (replaced !== undefined) this.#kill(replaced);
      this.#lastByKey.set(record.key, entry);
    }
    return offset;
  }

  read({
    fromOffset,
    maxRecords,
    maxBytes,
  }: {
    fromOffset: number;
    maxRecords: number;
    maxBytes: number;
  }): ReceivedRecord[] {
    const records: ReceivedRecord[] = [];
    let bytes = 0;
    for (
      let index = this.#indexOf(fromOffset);
      index < this.#entries.length && records.length < maxRecords;
      index += 1
    ) {
      const entry = this.#entries[index];
      if (entry === undefined || entry.dead) continue;
      bytes += entry.bytes;
      if (records.length > 0 && bytes > maxBytes) break;
      records.push(entry.record);
    }
    return records;
  }

  extent(): Extent {
    const beginOffset = this.#entries.find((entry) => !entry.dead)?.record.offset ?? this.#nextOffset;
    return { beginOffset, endOffset: this.#nextOffset, bytes: this.#keptBytes };
  }

  bytesFrom(offset: number): number {
    return this.#appendedBytes - (this.#entries[this.#indexOf(offset)]?.bytesBefore ?? this.#appendedBytes);
  }

  drop({
    beforeOffset,
    beforeTimestampMs,
    maxBytes,
  }: Pick<DropRequest, "beforeOffset" | "beforeTimestampMs" | "maxBytes">): number {
    let count = 0;
    let bytes = 0;
    for (const { record, bytes: size } of this.#entries) {
      if (record.offset >= beforeOffset || record.timestampMs >= beforeTimestampMs || bytes >= maxBytes)
        break;
      bytes += size;
      count += 1;
    }
    this.#entries.splice(0, count);
    this.#keptBytes -= bytes;
    return count;
  }

  dropRemovals(beforeTimestampMs: number): number {
    let count = 0;
    for (const [key, entry] of this.#lastByKey ?? []) {
      if (entry.record.value.byteLength > 0 || entry.record.timestampMs >= beforeTimestampMs) continue;
      this.#lastByKey?.delete(key);
      this.#kill(entry);
      count += 1;
    }
    return count;
  }

  #kill(entry: Entry): void {
    entry.dead = true;
    this.#keptBytes -= entry.bytes;
    this.#deadCount += 1;
    if (this.#deadCount * 2 < this.#entries.length) return;
    this.#entries = this.#entries.filter((other) => !other.dead);
    this.#deadCount = 0;
  }

  /** Of the first entry at or after an offset. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#entries[middle]?.record.offset ?? 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
