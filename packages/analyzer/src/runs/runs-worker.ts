import type { Assignment, Batch, Bus, Commit, PartitionWorker, ReceivedRecord } from "@plumbline/bus";
import {
  type Clock,
  type ControlRecord,
  type ObservationRecord,
  header,
  isTerminal,
  messageOf,
  parseRunKey,
  runKey,
  topic,
} from "@plumbline/contracts";
import type { Store } from "@plumbline/store";
import { type ControlStateFollower, DirectiveRepair } from "../act/directive-repair.ts";
import { storedFindingSpans } from "../act/finding-span.ts";
import type { EffectsPublisher } from "../act/publisher.ts";
import type { AnalyzerMetrics } from "../metrics.ts";
import { type RangeWriter, type Rows, createRangeWriter, plannedEndOf } from "../persist/range-writer.ts";
import { type Effects, mergeEffects, noEffects } from "./effects.ts";
import { readControlRecord, readObservationRecord } from "./read-record.ts";
import { type RunEvent, foldRun } from "./run-fold.ts";
import { type RunParts, type RunState, initialRunState } from "./run-state.ts";
import { type PartitionSnapshot, loadSnapshot, snapshotBatches } from "./snapshot-log.ts";
import { type SourceWatermarks, createSourceWatermarks } from "./source-watermarks.ts";

/*
 * Owns: the runs of one partition number, their state, and doing what follows from their records.
 * Does not own: the rules (run-fold), the rows' durability (range-writer).
 *
 * I1  Effects of a record are published before its offset can be committed; replayed records below the committed offset
 *     change state only.
 * I2  A snapshot is published only when everything it holds is stored and committed; so reading from its offsets, with
 *     effects from the committed offset on, leaves nothing out.
 */

/** Name of the consumer group. */
export const runsGroup = "plumbline.runs";
/** Writing many busy runs down takes its time; the rest belongs to their verdicts. */
const restPerSnapshotTime = 10;
/** Runs that ended are remembered this long for late records. */
const endedRunKeptMs = 10 * 60_000;

export interface RunsWorkerOptions {
  bus: Bus;
  store: Store;
  clock: Clock;
  parts: RunParts;
  publisher: EffectsPublisher;
  controlState: Pick<ControlStateFollower, "follow">;
  metrics: AnalyzerMetrics;
  timerIntervalMs: number;
  snapshotIntervalMs: number;
}

const encoder = new TextEncoder();
/** What no snapshot holds is read from its beginning, committed or not: state is the fold of all of it. */
const unread: Record<string, number> = { [topic.observations]: 0, [topic.commands]: 0 };

function rowsOf(effects: Effects): Rows {
  const { steps, scores, findings, directives, approvals, checkpoints, foldedCommands, foldedAcks } = effects;
  return {
    otel_traces: effects.raised.flatMap(storedFindingSpans),
    steps,
    scores,
    findings,
    directives,
    approvals,
    checkpoints,
    commands: foldedCommands,
    acks: foldedAcks,
  };
}

function timeOf(event: RunEvent): number {
  switch (event.type) {
    case "observation":
      return event.observation.atMs;
    case "control":
      return event.record.type === "command" ? event.record.issuedAtMs : event.record.ack.atMs;
    case "answer":
      return event.answer.atMs;
    case "timer":
      return event.nowMs;
  }
}

/** What follows from a record that is folded in. */
interface RecordWork {
  offset: number;
  effects: Effects;
}

class RunsWorker implements PartitionWorker {
  readonly startAt: ReadonlyMap<string, number>;
  readonly #options: RunsWorkerOptions;
  readonly #assignment: Assignment;
  readonly #runs: Map<string, RunState>;
  readonly #watermarks: SourceWatermarks;
  readonly #writer: RangeWriter;
  readonly #repair: DirectiveRepair;
  readonly #positions: Record<string, number>;
  readonly #changed = new Set<string>();
  /** Runs whose summary changed, also in a replay, and has not been handed to the writer since. */
  readonly #unsummarised = new Set<string>();
  /** Whether some of them were left over by the last batch, which had no record to hand them over with. */
  #carriesOver = false;
  /** By topic, what could not be published yet: the records come again, but they can't be folded twice. */
  readonly #unpublished = new Map<string, readonly RecordWork[]>();
  #lagging = false;
  #snapshotting: Promise<void> = Promise.resolve();
  #snapshotRestUntilMs = 0;

  constructor(options: RunsWorkerOptions, assignment: Assignment, snapshot: PartitionSnapshot) {
    this.#options = options;
    this.#assignment = assignment;
    this.#runs = snapshot.runs;
    this.#watermarks = createSourceWatermarks(snapshot.marker?.watermarks);
    this.#positions = { ...snapshot.marker?.offsets };
    this.startAt = new Map(Object.entries({ ...unread, ...this.#positions }));
    this.#writer = createRangeWriter({
      group: runsGroup,
      assignment,
      store: options.store,
      clock: options.clock,
      onRejected: (table, rejected) => options.metrics.rowsRejected(table, rejected),
      onRetry: (error) => options.metrics.storeRetried(error),
    });
    this.#repair = new DirectiveRepair((key) => this.#runs.get(key)?.control.directive);
    const unfollow = options.controlState.follow(assignment.partition, (key, generation) =>
      this.#repair.seen(key, generation),
    );
    assignment.signal.addEventListener("abort", unfollow, { once: true });
    void this.#repeat(options.timerIntervalMs, () => this.#repairDirectives());
    void this.#repeat(options.timerIntervalMs, () => this.#appendTimer());
    void this.#repeat(options.snapshotIntervalMs, () => this.#saveSnapshotAtRest());
  }

  async onBatch(batch: Batch): Promise<void> {
    const work = this.#unpublished.get(batch.topic) ?? this.#foldBatch(batch);
    this.#unpublished.set(batch.topic, work);
    await this.#options.publisher.publish(mergeEffects(work.map(({ effects }) => effects)));
    this.#unpublished.delete(batch.topic);
    await this.#store(batch.topic, work);
  }

  #foldBatch(batch: Batch): RecordWork[] {
    const committedOffset = this.#assignment.committed.get(batch.topic)?.offset ?? 0;
    const work: RecordWork[] = [];
    for (const record of batch.records) {
      const effects = this.#foldRecord(record);
      this.#options.metrics.observationsRefused(effects.refused);
      if (record.offset >= committedOffset) work.push({ offset: record.offset, effects });
    }
    const last = batch.records.at(-1);
    if (last !== undefined) {
      this.#positions[batch.topic] = last.offset + 1;
      this.#lagging = batch.endOffset - last.offset > 1_000;
    }
    return work;
  }

  async close(): Promise<void> {
    await this.#writer.close();
    await this.#saveSnapshot();
    await this.#snapshotting;
  }

  /** Nothing follows from a record that can't be folded. */
  #foldRecord(record: ReceivedRecord): Effects {
    const effects = noEffects();
    try {
      if (record.unreadable !== undefined) throw new Error(record.unreadable);
      if (record.topic === topic.commands) this.#foldControl(record, readControlRecord(record), effects);
      else this.#foldObservation(record, readObservationRecord(record), effects);
      return effects;
    } catch (error) {
      this.#options.metrics.recordRejected(record, messageOf(error));
      return noEffects();
    }
  }

  #foldControl(record: ReceivedRecord, control: ControlRecord, effects: Effects): void {
    const { tenantId, runId } = control.type === "ack" ? control.ack : control;
    this.#fold(runKey(tenantId, runId), { type: "control", record: control, offset: record.offset }, effects);
  }

  #foldObservation(record: ReceivedRecord, observation: ObservationRecord, effects: Effects): void {
    if (observation.kind === "timer") {
      this.#foldTimer({ type: "timer", nowMs: observation.nowMs, offset: record.offset }, effects);
      return;
    }
    if (observation.kind === "similarity" || observation.kind === "judgement") {
      this.#foldAnswer({ type: "answer", answer: observation, offset: record.offset }, effects);
      return;
    }
    const isNew = this.#watermarks.isNew(observation.observationId, observation.source);
    this.#watermarks.raise(observation.source, Number(record.headers[header.completeBelow] ?? 0));
    if (!isNew) {
      this.#options.metrics.duplicateDropped();
      return;
    }
    const key = runKey(observation.tenantId, observation.affinity);
    this.#fold(key, { type: "observation", observation, offset: record.offset }, effects);
  }

  /** An answer about a run that is no longer known is too late. */
  #foldAnswer(event: RunEvent & { type: "answer" }, effects: Effects): void {
    const key = runKey(event.answer.tenantId, event.answer.runId);
    if (this.#runs.has(key)) this.#fold(key, event, effects);
  }

  #foldTimer(timer: RunEvent & { type: "timer" }, effects: Effects): void {
    const { nowMs } = timer;
    for (const [key, state] of this.#runs) {
      if (!isTerminal(state.summary.status)) this.#fold(key, timer, effects);
      else if (nowMs - state.summary.lastSeenAtMs > endedRunKeptMs && state.summary.status !== "killed")
        this.#forget(key);
    }
  }

  #forget(key: string): void {
    this.#runs.delete(key);
    this.#changed.add(key);
  }

  #fold(key: string, event: RunEvent, effects: Effects): void {
    const { parts } = this.#options;
    const before = this.#runs.get(key) ?? this.#begin(key, event);
    const after = foldRun(before, event, { parts, effects });
    this.#runs.set(key, after);
    if (after === before) return;
    this.#changed.add(key);
    if (after.summary !== before.summary) this.#unsummarised.add(key);
  }

  #begin(key: string, event: RunEvent): RunState {
    const agentName = event.type === "observation" ? event.observation.agentName : "";
    return initialRunState(this.#options.parts, { ...parseRunKey(key), agentName, atMs: timeOf(event) });
  }

  async #store(topicName: string, work: readonly RecordWork[]): Promise<void> {
    const last = work.at(-1);
    for (const { offset, effects } of work) {
      const rows = rowsOf(effects);
      const all = offset === last?.offset ? { ...rows, ...this.#summariesAt(topicName, offset) } : rows;
      await this.#writer.add(topicName, offset, all);
    }
    this.#carriesOver = this.#unsummarised.size > 0;
  }

  /**
   * Which runs have news depends on where batches happen to end. A range that an earlier owner planned may be stored
   * already, with other summaries, and the database would drop these as a repetition: they go into the next one.
   */
  #summariesAt(topicName: string, offset: number): Rows {
    if (offset < (plannedEndOf(this.#assignment.committed.get(topicName)) ?? 0)) return {};
    const runs = [...this.#unsummarised].flatMap((key) => this.#runs.get(key)?.summary ?? []);
    this.#unsummarised.clear();
    return { runs };
  }

  async #repeat(intervalMs: number, action: () => Promise<void>): Promise<void> {
    const { signal } = this.#assignment;
    while (!signal.aborted) {
      try {
        await this.#options.clock.sleep(intervalMs, signal);
        await action();
      } catch (error) {
        if (!signal.aborted) this.#options.metrics.storeRetried(error);
      }
    }
  }

  async #appendTimer(): Promise<void> {
    if (this.#lagging || this.#runs.size === 0) return;
    const value = encoder.encode(
      JSON.stringify({ version: 1, kind: "timer", nowMs: this.#options.clock.nowMs() }),
    );
    await this.#options.bus.publish(topic.observations, [
      { key: null, value, partition: this.#assignment.partition },
    ]);
  }

  /** While it catches up, its own directives are the older ones. */
  async #repairDirectives(): Promise<void> {
    const isBehind = ([name, { offset }]: [string, Commit]): boolean => (this.#positions[name] ?? 0) < offset;
    if ([...this.#assignment.committed].some(isBehind)) return;
    const directives = this.#repair.due();
    if (directives.length > 0) await this.#options.publisher.publish({ ...noEffects(), directives });
  }

  async #saveSnapshotAtRest(): Promise<void> {
    if (this.#options.clock.nowMs() >= this.#snapshotRestUntilMs) await this.#saveSnapshot();
  }

  /** One after the other: an older snapshot must not come to lie over a newer one. */
  #saveSnapshot(): Promise<void> {
    this.#snapshotting = this.#snapshotting
      .catch(() => undefined)
      .then(() => (this.#isSnapshotDue() ? this.#publishSnapshot() : undefined));
    return this.#snapshotting;
  }

  /** What a snapshot holds is not folded again: nobody would write the summaries that are left over. */
  #isSnapshotDue(): boolean {
    return this.#changed.size > 0 && !this.#carriesOver;
  }

  /** States are never changed in place, so that what is written down later is still the state at these offsets. */
  async #publishSnapshot(): Promise<void> {
    const keys = [...this.#changed];
    const runs = keys.map((key): [string, RunState | undefined] => [key, this.#runs.get(key)]);
    const offsets = { ...this.#positions };
    const marker = { offsets, watermarks: this.#watermarks.snapshot() };
    this.#changed.clear();
    try {
      const stored = await Promise.all(
        Object.entries(offsets).map(([name, offset]) => this.#writer.storedBelow(name, offset)),
      );
      if (stored.includes(false) || !(await this.#writer.proveOwnership())) return this.#keepChanged(keys);
      const startMs = this.#options.clock.nowMs();
      for (const records of snapshotBatches(this.#assignment.partition, { runs, marker })) {
        if (this.#assignment.signal.aborted) return;
        await this.#options.bus.publish(topic.runSnapshots, records);
      }
      const endMs = this.#options.clock.nowMs();
      this.#snapshotRestUntilMs = endMs + (endMs - startMs) * restPerSnapshotTime;
    } catch (error) {
      this.#keepChanged(keys);
      throw error;
    }
  }

  #keepChanged(keys: readonly string[]): void {
    for (const key of keys) this.#changed.add(key);
  }
}

/** Takes over a partition: its runs as the last owner left them, then what came since. */
export async function openRunsWorker(
  options: RunsWorkerOptions,
  assignment: Assignment,
): Promise<PartitionWorker> {
  const snapshot = await loadSnapshot(options.bus, assignment.partition, (key, error) => {
    options.metrics.snapshotUnreadable(key, messageOf(error));
  });
  return new RunsWorker(options, assignment, snapshot);
}
