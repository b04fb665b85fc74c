import { Buffer } from "node:buffer";
import type { Assignment, Batch, Bus, BusRecord, PartitionWorker } from "@plumbline/bus";
import { auditBusRecord } from "../audit/audit-log.ts";
import { header, messageOf, runKey, topic, type Clock, type SourceCoordinates } from "@plumbline/contracts";
import type { Store } from "@plumbline/store";
import type { AnalyzerMetrics } from "../metrics.ts";
import { createRangeWriter, type RangeWriter } from "../persist/range-writer.ts";
import type { StoreTurns } from "../persist/store-turns.ts";
import { Affinity, type AffinityResult } from "./affinity/affinity.ts";
import { decisionRecords, loadDecisions } from "./affinity-log.ts";
import { repeatedly } from "../repeatedly.ts";
import type { RunsBacklog } from "../runs-backlog.ts";
import type { SpanPacing } from "./span-pacing.ts";
import { readRecord, rowsOf, type RecordContent } from "./read-record.ts";

/*
 * Owns: one partition number of the span and log topics: its observations are published, its raw rows stored.
 * Does not own: what spans mean (recognise), whose they are (affinity), the rows' durability (range-writer).
 *
 * I1  A choice of affinity is durable before an observation that rests on it is published.
 * I2  Rows of a record go to the range writer, and with it the committed offset forward, only when every observation of
 *     that record is published. What waits for its run is read again after a crash.
 * I3  An observation says below which offset everything of its source was published before it.
 */

/** Name of the consumer group. */
export const ingestGroup = "plumbline.ingest";
const releaseIntervalMs = 50;

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
  /** By topic, records that affinity has taken but that are not published yet: they come again, and are not to be taken twice. */
  readonly #accepted = new Map<string, UnstoredRecord[]>();
  /** What affinity let go and is not published yet. */
  readonly #outbox: AffinityResult = { ready: [], decisions: [] };
  #unstored: UnstoredRecord[] = [];
  /** Batches and releases take turns: both publish, and order is what they promise. */
  #turn: Promise<void> = Promise.resolve();

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
    const stopListening = options.backlog.onProgress(() => assignment.wake());
    assignment.signal.addEventListener("abort", stopListening, { once: true });
    const { clock, metrics } = options;
    const onError = (error: unknown): void => metrics.storeRetried(error);
    const release = { clock, signal: assignment.signal, intervalMs: releaseIntervalMs, onError };
    void repeatedly(release, () => this.#releaseHeld());
  }

  takes(topicName: string): boolean {
    const { pacing, clock } = this.#options;
    return topicName !== topic.spans || (!this.#writer.isBehind && pacing.takesSpans(clock.nowMs()));
  }

  /** Events of agents under way are among the logs; with more than the runs can take, they queue like everything else. */
  isUrgent(topicName: string): boolean {
    const { pacing, clock } = this.#options;
    return topicName === topic.logs && !pacing.isBehind(clock.nowMs());
  }

  onBatch(batch: Batch): Promise<void> {
    const { pacing, clock } = this.#options;
    const work = this.#inTurn(() => this.#ingest(batch));
    return batch.topic === topic.spans ? pacing.during(clock.nowMs(), work) : work;
  }

  async close(): Promise<void> {
    await this.#turn.catch(() => undefined);
    await this.#writer.close();
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.#turn.catch(() => undefined).then(action);
    this.#turn = done;
    return done;
  }

  async #ingest(batch: Batch): Promise<void> {
    const first = batch.records[0]?.offset ?? 0;
    const accepted = this.#accepted.get(batch.topic) ?? this.#accept(batch);
    this.#accepted.set(batch.topic, accepted);
    this.#positions.set(batch.topic, first);
    await this.#publishAudits(accepted);
    await this.#publish();
    this.#accepted.delete(batch.topic);
    this.#positions.set(batch.topic, (batch.records.at(-1)?.offset ?? first) + 1);
    this.#unstored.push(...accepted);
    await this.#storePublished();
  }

  #accept(batch: Batch): UnstoredRecord[] {
    const accepted = batch.records.map((record): UnstoredRecord => {
      const { topic: topicName, offset } = record;
      return { topic: topicName, offset, content: this.#read(record) };
    });
    const drafts = accepted.flatMap(({ content }) => content?.drafts ?? []);
    const result = this.#affinity.accept(drafts, this.#options.clock.nowMs());
    this.#queue(result);
    this.#count(accepted, result);
    return accepted;
  }

  #queue({ ready, decisions }: AffinityResult): void {
    this.#outbox.ready.push(...ready);
    this.#outbox.decisions.push(...decisions);
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

  #count(read: readonly UnstoredRecord[], { ready }: AffinityResult): void {
    let spans = 0;
    let logs = 0;
    for (const { content } of read) {
      spans += content?.spans.length ?? 0;
      logs += content?.logs.length ?? 0;
    }
    this.#options.metrics.ingested({ records: read.length, spans, logs, observations: ready.length });
  }

  /** Audit records wait for no run: each names its own. Published twice, they count once. */
  async #publishAudits(accepted: readonly UnstoredRecord[]): Promise<void> {
    const audits = accepted.flatMap(({ content }) => content?.audits ?? []);
    if (audits.length > 0) await this.#options.bus.publish(topic.audit, audits.map(auditBusRecord));
  }

  /** Leaves the outbox as it is when it fails. */
  async #publish(): Promise<void> {
    const { bus, backlog, clock } = this.#options;
    const { ready, decisions } = this.#outbox;
    if (decisions.length > 0) {
      await bus.publish(topic.traceAffinity, decisionRecords(decisions, this.#assignment.partition));
      this.#outbox.decisions = [];
    }
    if (ready.length === 0) return;
    const floors = this.#floorsOf(ready.map(({ source }) => source));
    const records = ready.map((observation): BusRecord => {
      const completeBelow = String(floors.get(observation.source.topic) ?? 0);
      const key = runKey(observation.tenantId, observation.affinity);
      return {
        key,
        value: Buffer.from(JSON.stringify(observation)),
        headers: { [header.completeBelow]: completeBelow },
      };
    });
    backlog.published(await bus.publish(topic.observations, records), clock.nowMs());
    this.#outbox.ready = [];
    for (const { tenantId, traceId, affinity } of ready)
      this.#rememberRun(`${tenantId}/${traceId}`, affinity);
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

  /** By topic, the offset below which nothing waits for its run or is being published just now. */
  #floorsOf(publishing: readonly SourceCoordinates[]): Map<string, number> {
    const floors = new Map(this.#positions);
    for (const { topic: name, offset } of [...this.#affinity.heldSources(), ...publishing]) {
      floors.set(name, Math.min(floors.get(name) ?? offset, offset));
    }
    return floors;
  }

  async #storePublished(): Promise<void> {
    const floors = this.#floorsOf([]);
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
    if (this.#affinity.heldCount + this.#outbox.ready.length > 0) await this.#inTurn(() => this.#release());
  }

  async #release(): Promise<void> {
    this.#queue(this.#affinity.tick(this.#options.clock.nowMs()));
    await this.#publish();
    await this.#storePublished();
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
