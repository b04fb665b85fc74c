import type { Batch, ReceivedRecord } from "../bus.ts";
import type { BatchLimits, TopicReader } from "../delivery/partition-source.ts";
import { recordBytes } from "../publishing/placement.ts";
import type { Fetched } from "./kafka-subscription.ts";
import { type MessagePlace, recordOfMessage } from "./record-mapping.ts";

export interface FetchBufferSettings {
  place: MessagePlace;
  /** Offset to begin at. */
  startOffset: number;
  /** Too much is waiting: stop fetching. */
  onFull: () => void;
  /** There is room again. */
  onRoom: () => void;
}

const fullBytes = 2 * 1024 * 1024;
const fullRecords = 5000;

/** Records of one partition between fetching and delivery. */
export class FetchBuffer implements TopicReader {
  readonly topic: string;
  readonly #settings: FetchBufferSettings;
  #waiting: { record: ReceivedRecord; bytes: number }[] = [];
  #bytes = 0;
  #nextOffset: number;
  #endOffset = 0;
  #full = false;

  constructor(settings: FetchBufferSettings) {
    this.#settings = settings;
    this.topic = settings.place.topic;
    this.#nextOffset = settings.startOffset;
  }

  /** Offset that is to be fetched next. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  get hasMore(): boolean {
    return this.#waiting.length > 0;
  }

  /** Takes what is new; what it has seen before is left out. */
  add({ messages, highWatermark }: Fetched): void {
    for (const message of messages) {
      if (Number(message.offset) < this.#nextOffset) continue;
      const record = recordOfMessage(this.#settings.place, message);
      const bytes = recordBytes(record);
      this.#waiting.push({ record, bytes });
      this.#bytes += bytes;
      this.#nextOffset = record.offset + 1;
    }
    this.#endOffset = Math.max(highWatermark, this.#nextOffset);
    if (!this.#full && (this.#bytes >= fullBytes || this.#waiting.length >= fullRecords)) {
      this.#full = true;
      this.#settings.onFull();
    }
  }

  read({ maxRecords, maxBytes }: BatchLimits): Batch | undefined {
    let count = 0;
    let bytes = 0;
    for (const entry of this.#waiting) {
      if (count > 0 && (count >= maxRecords || bytes + entry.bytes > maxBytes)) break;
      bytes += entry.bytes;
      count += 1;
    }
    if (count === 0) return undefined;
    const records = this.#waiting.splice(0, count).map((entry) => entry.record);
    this.#bytes -= bytes;
    if (this.#full && this.#bytes < fullBytes / 2 && this.#waiting.length < fullRecords / 2) {
      this.#full = false;
      this.#settings.onRoom();
    }
    return { topic: this.topic, records, endOffset: this.#endOffset };
  }
}
