import type { Clock, TopicSpec } from "@plumbline/contracts";
import { yieldToEventLoop } from "../delivery/wake-up.ts";
import type { ReportFailure } from "../delivery-failure.ts";
import type { Backlog } from "./backlog.ts";
import type { PartitionPlace, RecordLog } from "./record-log.ts";

export interface RetentionLimits {
  /** How often old records are looked for. */
  sweepIntervalMs: number;
  /** Of one topic with a retention time; the oldest records go first, but none that a group still has to read. */
  maxTopicBytes: number;
  /** How long a removal stays readable in a compacted topic. */
  removalRetentionMs: number;
}

export const defaultRetentionLimits: RetentionLimits = {
  sweepIntervalMs: 60_000,
  maxTopicBytes: 4 * 1024 ** 3,
  removalRetentionMs: 86_400_000,
};

export interface RetentionSettings {
  log: RecordLog;
  backlog: Backlog;
  clock: Clock;
  limits: RetentionLimits;
  report: ReportFailure;
}

/** Takes records away that are older than their topic's retention, or beyond its size. */
export class Retention {
  readonly #settings: RetentionSettings;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(settings: RetentionSettings) {
    this.#settings = settings;
    this.#ended = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { clock, limits, log, report } = this.#settings;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await clock.sleep(limits.sweepIntervalMs, signal).catch(() => undefined);
      for (const spec of log.topics().values()) {
        try {
          await this.#sweep(spec);
        } catch (error) {
          const retryInMs = limits.sweepIntervalMs;
          report({
            during: "retention",
            group: "",
            topic: spec.name,
            partition: 0,
            attempt: 1,
            retryInMs,
            error,
          });
        }
      }
    }
  }

  async #sweep(spec: TopicSpec): Promise<void> {
    for (let partition = 0; partition < spec.partitions; partition += 1) {
      const place = { topic: spec.name, partition };
      if (spec.cleanup === "compact") await this.#dropRemovals(place);
      else if (spec.retentionMs !== null) await this.#dropExpired(place, spec.retentionMs);
    }
    if (spec.cleanup === "delete" && spec.retentionMs !== null) await this.#dropExcess(spec);
  }

  async #dropRemovals(place: PartitionPlace): Promise<void> {
    const { clock, limits, log } = this.#settings;
    const beforeMs = clock.nowMs() - limits.removalRetentionMs;
    await this.#repeat(() => log.dropRemovals(place, beforeMs));
  }

  async #dropExpired(place: PartitionPlace, retentionMs: number): Promise<void> {
    const { clock, log } = this.#settings;
    const beforeTimestampMs = clock.nowMs() - retentionMs;
    await this.#repeat(() =>
      log.drop({ ...place, beforeOffset: Infinity, beforeTimestampMs, maxBytes: Infinity }),
    );
  }

  async #dropExcess(spec: TopicSpec): Promise<void> {
    const { log, backlog, limits } = this.#settings;
    const places = Array.from({ length: spec.partitions }, (_, partition) => ({
      topic: spec.name,
      partition,
    }));
    const total = places.reduce((bytes, place) => bytes + log.extent(place).bytes, 0);
    if (total <= limits.maxTopicBytes) return;
    for (const place of places) {
      const share = (log.extent(place).bytes / total) * (total - limits.maxTopicBytes);
      const goal = log.extent(place).bytes - share;
      const beforeOffset = backlog.neededFrom(place);
      await this.#repeat(() => {
        const maxBytes = log.extent(place).bytes - goal;
        return maxBytes <= 0
          ? 0
          : log.drop({ ...place, beforeOffset, beforeTimestampMs: Infinity, maxBytes });
      });
    }
  }

  async #repeat(drop: () => number): Promise<void> {
    while (!this.#stopping.signal.aborted && drop() > 0) await yieldToEventLoop();
  }
}
