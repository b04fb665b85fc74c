import { type Clock, RetryableError, type TopicSpec } from "@plumbline/contracts";
import type { PartitionPlace, RecordLog } from "./record-log.ts";

export interface BacklogLimits {
  /** Per topic and group, over all partitions. */
  maxBytes: number;
  maxRecords: number;
  /** What a refused publisher is told to wait. */
  retryAfterMs: number;
  /** A group that neither reads nor has committed for so long no longer holds records back. */
  groupExpiryMs: number;
}

export const defaultBacklogLimits: BacklogLimits = {
  maxBytes: 1024 ** 3,
  maxRecords: 5_000_000,
  retryAfterMs: 1000,
  groupExpiryMs: 7 * 86_400_000,
};

/** A group that has a consumption open in this process. */
export interface LiveGroup {
  name: string;
  topics: readonly string[];
  /** Offset up to which it has handled a partition. */
  handled(topic: string, partition: number): number;
}

export interface BacklogSettings {
  log: RecordLog;
  clock: Clock;
  limits: BacklogLimits;
  liveGroups: () => Iterable<LiveGroup>;
}

/** Bytes and records, of a lag or of what may still come. */
interface Amount {
  bytes: number;
  records: number;
}

/**
 * Which records still wait for a reader, and whether more may come. A group has to read a topic while it has a consumption
 * open on it, or has committed there within `groupExpiryMs`; its place is what it has handled in this process, else what it
 * committed. Topics without such a group are bounded by retention alone; compacted topics by their keys.
 */
export class Backlog {
  readonly #settings: BacklogSettings;
  /** What may be published by topic before lags are measured again. */
  readonly #room = new Map<string, Amount>();

  constructor(settings: BacklogSettings) {
    this.#settings = settings;
  }

  /** @throws RetryableError when a group that has to read the topic is too far behind */
  admit(spec: TopicSpec, coming: Amount): void {
    if (spec.cleanup === "compact") return;
    const known = this.#room.get(spec.name);
    const room =
      known !== undefined && known.bytes > 0 && known.records > 0 ? known : this.#measureRoom(spec);
    this.#room.set(spec.name, { bytes: room.bytes - coming.bytes, records: room.records - coming.records });
  }

  /** Offset from which some group still has to read; the end when none has to. */
  neededFrom(place: PartitionPlace): number {
    let needed = this.#settings.log.extent(place).endOffset;
    for (const group of this.#readers(place.topic)) needed = Math.min(needed, this.#position(group, place));
    return needed;
  }

  /** Lags grow only by what is published, so that what this allows needs no second look. */
  #measureRoom(spec: TopicSpec): Amount {
    const { limits } = this.#settings;
    const room: Amount = { bytes: limits.maxBytes, records: limits.maxRecords };
    for (const group of this.#readers(spec.name)) {
      const lag = this.#lag(spec, group);
      room.bytes = Math.min(room.bytes, limits.maxBytes - lag.bytes);
      room.records = Math.min(room.records, limits.maxRecords - lag.records);
      if (room.bytes <= 0 || room.records <= 0) throw backlogFull({ topic: spec.name, group, lag, limits });
    }
    return room;
  }

  #readers(topic: string): Set<string> {
    const { log, clock, limits, liveGroups } = this.#settings;
    const readers = new Set<string>();
    for (const group of liveGroups()) if (group.topics.includes(topic)) readers.add(group.name);
    const youngestExpiredMs = clock.nowMs() - limits.groupExpiryMs;
    for (const entry of log.commits()) {
      if (entry.topic === topic && entry.atMs > youngestExpiredMs) readers.add(entry.group);
    }
    return readers;
  }

  #lag(spec: TopicSpec, group: string): Amount {
    const lag: Amount = { bytes: 0, records: 0 };
    for (let partition = 0; partition < spec.partitions; partition += 1) {
      const place = { topic: spec.name, partition };
      const position = this.#position(group, place);
      lag.bytes += this.#settings.log.bytesFrom(place, position);
      lag.records += this.#settings.log.extent(place).endOffset - position;
    }
    return lag;
  }

  #position(group: string, place: PartitionPlace): number {
    const { log, liveGroups } = this.#settings;
    const { beginOffset } = log.extent(place);
    const committed = log.commitOf({ ...place, group })?.offset ?? 0;
    let handled = 0;
    for (const live of liveGroups()) {
      if (live.name === group) handled = live.handled(place.topic, place.partition);
    }
    return Math.max(beginOffset, committed, handled);
  }
}

function backlogFull(full: {
  topic: string;
  group: string;
  lag: Amount;
  limits: BacklogLimits;
}): RetryableError {
  const { topic, group, lag, limits } = full;
  return new RetryableError(
    `Topic ${topic} is full: group ${group} is ${String(lag.records)} records (${String(lag.bytes)} bytes) behind.`,
    {
      code: "BACKLOG_FULL",
      retryAfterMs: limits.retryAfterMs,
      mend: `Check why ${group} does not keep up, or raise the limit.`,
    },
  );
}
