import type { Assignment, Batch, Bus, PartitionWorker } from "@plumbline/bus";
import { messageOf, topic, type Clock, type Urgency } from "@plumbline/contracts";
import type { Store } from "@plumbline/store";
import type { AnalyzerMetrics } from "../metrics.ts";
import { createRangeWriter, type RangeWriter } from "../persist/range-writer.ts";
import type { StoreTurns } from "../persist/store-turns.ts";
import { Affinity } from "./affinity/affinity.ts";
import { loadDecisions } from "./affinity-log.ts";
import { ObservationOutbox, type Outgoing } from "./observation-outbox.ts";
import { repeatedly } from "../repeatedly.ts";
import type { RunsBacklog } from "../runs-backlog.ts";
import type { SpanPacing } from "./span-pacing.ts";
import { readRecord, rowsOf, type RecordContent } from "./read-record.ts";

/*
 * Owns: one partition number of the span and log topics: its observations are published, its raw rows stored.
 * Does not own: what spans mean (recognise), whose they are (affinity), in which order it is published
 * (observation-outbox), the rows' durability (range-writer).
 *
 * I1  Rows of a record go to the range writer, and with it the committed offset forward, only when every observation of
 *     that record is published. What waits for its run is read again after a crash.
 */

/** Name of the consumer group. */
export const ingestGroup = "plumbline.ingest";
const releaseIntervalMs = 50;
/** So many records may be taken ahead of what the range writer has. */
const mostAhead = 500;

export interface IngestWorkerOptions {
  bus: Bus;
  store: Store;
  clock: Clock;
  metrics: AnalyzerMetrics;
  backlog: RunsBacklog;
  /** Both shared by the workers of this analyzer. */
  pacing: SpanPacing;
  turns: StoreTurns;
}

interface UnstoredRecord {
  topic: string;
  offset: number;
  content: RecordContent | undefined;
}

class IngestWorker implements PartitionWorker {
  readonly #options: IngestWorkerOptions;
  readonly #assignment: Assignment;
  readonly #affinity: Affinity;
  readonly #writer: RangeWriter;
  /** Runs of traces, as far as their observations were published. */
  readonly #runOfTrace = new Map<string, string>();
  /** Next offset to read, by topic. */
  readonly #positions = new Map<string, number>();
  readonly #outbox: ObservationOutbox;
  #unstored: UnstoredRecord[] = [];
  /** Batches and releases that are not published yet, or whose rows the writer does not have. */
  readonly #underWay = new Set<Promise<void>>();
  #spansUnderWay = false;
  #storing: Promise<void> = Promise.resolve();

  constructor(options: IngestWorkerOptions, assignment: Assignment, affinity: Affinity) {
    this.#options = options;
    this.#assignment = assignment;
    this.#affinity = affinity;
    this.#writer = createRangeWriter({
      group: ingestGroup,
      assignment,
      store: options.store,
      clock: options.clock,
      metrics: options.metrics,
      turns: options.turns,
    });
    const { bus, clock, metrics, backlog } = options;
    const { partition, signal } = assignment;
    const onError = (error: unknown): void => metrics.storeRetried(error);
    const takenBelow = (): Map<string, number> => this.#takenBelow();
    this.#outbox = new ObservationOutbox({ bus, clock, backlog, partition, signal, onError, takenBelow });
    const stopListening = backlog.onProgress(() => assignment.wake());
    signal.addEventListener("abort", stopListening, { once: true });
    void repeatedly({ clock, signal, intervalMs: releaseIntervalMs, onError }, () => this.#releaseHeld());
  }

  takes(topicName: string): boolean {
    if (topicName !== topic.spans) return true;
    const { pacing, clock } = this.#options;
    return !this.#spansUnderWay && !this.#writer.isBehind && pacing.takesSpans(clock.nowMs());
  }

  /**
   * Events of agents under way are among the logs; with more than the runs can take, they queue like everything else. Spans come
   * seconds after the fact; verdicts on what was told of before go first.
   */
  urgencyOf(topicName: string): Urgency {
    if (topicName === topic.spans) return "bulk";
    const { pacing, clock } = this.#options;
    return pacing.isBehind(clock.nowMs()) ? "prompt" : "urgent";
  }

  /** Records that were taken don't come again: from here on it is the outbox that repeats what fails. */
  async onBatch(batch: Batch): Promise<void> {
    const work = this.#publish(this.#accept(batch));
    if (batch.topic === topic.spans) void this.#paced(work);
    else this.#options.pacing.heardEvents(this.#options.clock.nowMs());
    if (this.#unstored.length > mostAhead) await work;
  }

  async close(): Promise<void> {
    this.#outbox.close();
    await Promise.all(this.#underWay);
    await this.#writer.close();
  }

  async #paced(work: Promise<void>): Promise<void> {
    const { pacing, clock } = this.#options;
    this.#spansUnderWay = true;
    await pacing.during(clock.nowMs(), work);
    this.#spansUnderWay = false;
    this.#assignment.wake();
  }

  #accept({ topic: topicName, records }: Batch): Outgoing {
    const accepted = records.map((record): UnstoredRecord => {
      const { offset } = record;
      return { topic: topicName, offset, content: this.#read(record) };
    });
    const drafts = accepted.flatMap(({ content }) => content?.drafts ?? []);
    const audits = accepted.flatMap(({ content }) => content?.audits ?? []);
    const result = this.#affinity.accept(drafts, this.#options.clock.nowMs());
    this.#count(accepted, result.ready.length);
    this.#unstored.push(...accepted);
    this.#positions.set(topicName, (records.at(-1)?.offset ?? -1) + 1);
    return { ...result, audits, from: { topic: topicName, offset: records[0]?.offset ?? 0 } };
  }

  #read(record: Batch["records"][number]): RecordContent | undefined {
    if (record.unreadable !== undefined) {
      this.#options.metrics.recordRejected(record, record.unreadable);
      return undefined;
    }
    try {
      const content = readRecord(record);
      const [firstRefusal] = content.refusals;
      if (firstRefusal !== undefined) this.#options.metrics.recordRejected(record, firstRefusal);
      return content;
    } catch (error) {
      this.#options.metrics.recordRejected(record, messageOf(error));
      return undefined;
    }
  }

  #count(read: readonly UnstoredRecord[], observations: number): void {
    let spans = 0;
    let logs = 0;
    for (const { content } of read) {
      spans += content?.spans.length ?? 0;
      logs += content?.logs.length ?? 0;
    }
    this.#options.metrics.ingested({ records: read.length, spans, logs, observations });
  }

  #publish(outgoing: Outgoing): Promise<void> {
    const work = this.#publishAndStore(outgoing)
      .catch((error: unknown) => this.#options.metrics.storeRetried(error))
      .finally(() => this.#underWay.delete(work));
    this.#underWay.add(work);
    return work;
  }

  async #publishAndStore(outgoing: Outgoing): Promise<void> {
    if (!(await this.#outbox.publish(outgoing))) return;
    for (const { tenantId, traceId, affinity } of outgoing.ready)
      this.#rememberRun(`${tenantId}/${traceId}`, affinity);
    const storing = this.#storing.catch(() => undefined).then(() => this.#storePublished());
    this.#storing = storing;
    await storing;
  }

  #rememberRun(traceKey: string, runId: string): void {
    this.#runOfTrace.delete(traceKey);
    this.#runOfTrace.set(traceKey, runId);
    if (this.#runOfTrace.size <= 100_000) return;
    for (const oldest of this.#runOfTrace.keys()) {
      this.#runOfTrace.delete(oldest);
      break;
    }
  }

  #takenBelow(): Map<string, number> {
    const floors = new Map(this.#positions);
    for (const { topic: name, offset } of this.#affinity.heldSources())
      floors.set(name, Math.min(floors.get(name) ?? offset, offset));
    return floors;
  }

  async #storePublished(): Promise<void> {
    const floors = this.#outbox.publishedBelow();
    const isPublished = (record: UnstoredRecord): boolean => record.offset < (floors.get(record.topic) ?? 0);
    const storable = this.#unstored.filter(isPublished);
    this.#unstored = this.#unstored.filter((record) => !isPublished(record));
    for (const { topic: name, offset, content } of storable) {
      const rows =
        content === undefined
          ? {}
          : rowsOf(content, (traceId) => this.#runOfTrace.get(`${content.tenantId}/${traceId}`) ?? "");
      await this.#writer.add(name, offset, rows);
    }
  }

  /** Lets go what waited long enough for a record that names its run. */
  async #releaseHeld(): Promise<void> {
    this.#assignment.wake();
    if (this.#affinity.heldCount === 0) return;
    const result = this.#affinity.tick(this.#options.clock.nowMs());
    if (result.ready.length + result.decisions.length > 0) await this.#publish({ ...result, audits: [] });
  }
}

/** Takes over a partition number of spans and logs. */
export async function openIngestWorker(
  options: IngestWorkerOptions,
  assignment: Assignment,
): Promise<PartitionWorker> {
  const affinity = new Affinity();
  affinity.restore(await loadDecisions(options.bus, assignment.partition));
  return new IngestWorker(options, assignment, affinity);
}
