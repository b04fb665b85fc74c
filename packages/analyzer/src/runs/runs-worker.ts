import type { Assignment, Batch, Bus, Commit, PartitionWorker, ReceivedRecord } from "@plumbline/bus";
import {
  type Clock,
  type ControlRecord,
  type ObservationRecord,
  type Urgency,
  eventLoopTurn,
  header,
  isTerminal,
  messageOf,
  parseRunKey,
  runKey,
  topic,
} from "@plumbline/contracts";
import type { Store } from "@plumbline/store";
import { type ControlStateFollower, DirectiveRepair } from "../act/directive-repair.ts";
import type { EffectsPublisher } from "../act/publisher.ts";
import type { AnalyzerMetrics } from "../metrics.ts";
import { type RangeWriter, createRangeWriter } from "../persist/range-writer.ts";
import type { StoreTurns } from "../persist/store-turns.ts";
import { repeatedly } from "../repeatedly.ts";
import type { RunsBacklog } from "../runs-backlog.ts";
import { type Effects, noEffects } from "./effects.ts";
import { EffectsOutbox, type RecordWork } from "./effects-outbox.ts";
import { rowsOf } from "./effect-rows.ts";
import { readControlRecord, readObservationRecord } from "./read-record.ts";
import { type RunEvent, foldRun, timeOf } from "./fold-run.ts";
import { type RunParts, type RunState, initialRunState } from "./run-state.ts";
import { PendingSummaries } from "./pending-summaries.ts";
import { forgetAtMs, quietRulesOf, quietUntilMs } from "./quiet-until.ts";
import { RunTable } from "./run-table.ts";
import { type PartitionSnapshot, loadSnapshot } from "./snapshot-log.ts";
import { SnapshotWriter } from "./snapshot-writer.ts";
import { ReplayOrder } from "./replay-order.ts";
import { timerRecord } from "./timer-record.ts";
import { type SourceWatermarks, createSourceWatermarks } from "./source-watermarks.ts";

/*
 * Owns: the runs of one partition number, their state, and doing what follows from their records.
 * Does not own: the rules (fold-run), the order in a replay (replay-order), carrying out what follows (effects-outbox), the
 * rows' durability (range-writer), writing states down (snapshot-writer).
 *
 * I1  Of replayed records below the committed offset only the commands are published again: they may be folded in another
 *     order than before, and lead to other decisions. A command that is read twice acts once.
 */

/** Name of the consumer group. */
export const runsGroup = "plumbline.runs";
const packIntervalMs = 1_000;

export interface RunsWorkerOptions {
  bus: Bus;
  store: Store;
  clock: Clock;
  parts: RunParts;
  publisher: EffectsPublisher;
  controlState: Pick<ControlStateFollower, "follow">;
  metrics: AnalyzerMetrics;
  backlog: RunsBacklog;
  /** Shared by the workers of this analyzer. */
  turns: StoreTurns;
  timerIntervalMs: number;
  snapshotIntervalMs: number;
}

/** What no snapshot holds is read from its beginning, committed or not: state is the fold of all of it. */
const unread: Record<string, number> = { [topic.observations]: 0, [topic.commands]: 0 };

const commandsOf = ({ commands }: Effects): Effects => ({ ...noEffects(), commands });

class RunsWorker implements PartitionWorker {
  readonly startAt: ReadonlyMap<string, number>;
  readonly #options: RunsWorkerOptions;
  readonly #assignment: Assignment;
  readonly #runs: RunTable;
  readonly #watermarks: SourceWatermarks;
  readonly #writer: RangeWriter;
  readonly #repair: DirectiveRepair;
  /** By topic, the offset after the last record that was folded. */
  readonly #positions: Record<string, number>;
  readonly #replay: ReplayOrder;
  readonly #snapshots: SnapshotWriter;
  readonly #summaries: PendingSummaries;
  readonly #outbox: EffectsOutbox;
  #lagging = false;

  constructor(options: RunsWorkerOptions, assignment: Assignment, snapshot: PartitionSnapshot) {
    this.#options = options;
    this.#assignment = assignment;
    const { bus, store, clock, metrics, turns } = options;
    this.#runs = new RunTable(snapshot.runs, (key, error) =>
      metrics.snapshotUnreadable(key, messageOf(error)),
    );
    this.#watermarks = createSourceWatermarks(snapshot.marker?.watermarks);
    this.#positions = { ...snapshot.marker?.offsets };
    this.startAt = new Map(Object.entries({ ...unread, ...this.#positions }));
    const { committed } = assignment;
    this.#replay = new ReplayOrder({ committed, startAt: this.startAt });
    this.#writer = createRangeWriter({ group: runsGroup, assignment, store, clock, metrics, turns });
    const onError = (error: unknown): void => metrics.storeRetried(error);
    const { publisher } = options;
    this.#outbox = new EffectsOutbox({
      publisher,
      writer: this.#writer,
      clock,
      signal: assignment.signal,
      onError,
    });
    this.#summaries = new PendingSummaries(committed, (key) => this.#runs.get(key)?.summary);
    this.#snapshots = new SnapshotWriter({
      bus,
      clock,
      assignment,
      writer: this.#writer,
      parts: options.parts,
      source: {
        // What a snapshot holds is not folded again: nobody would write the summaries that are left over.
        isWhole: () => !this.#summaries.carriesOver,
        heldOf: (key) => this.#runs.heldOf(key),
        marker: () => ({ offsets: { ...this.#positions }, watermarks: this.#watermarks.snapshot() }),
      },
    });
    this.#repair = new DirectiveRepair((key) => this.#runs.get(key)?.control.directive);
    const unfollow = options.controlState.follow(assignment.partition, (key, generation) =>
      this.#repair.seen(key, generation),
    );
    const leave = (): void => {
      unfollow();
      options.backlog.left(assignment.partition);
    };
    assignment.signal.addEventListener("abort", leave, { once: true });
    this.#beginUpkeep();
  }

  #beginUpkeep(): void {
    const { clock, metrics, timerIntervalMs, snapshotIntervalMs } = this.#options;
    const { signal } = this.#assignment;
    const onError = (error: unknown): void => metrics.storeRetried(error);
    const every = (intervalMs: number, action: () => Promise<void>): void =>
      void repeatedly({ clock, signal, intervalMs, onError }, action);
    every(timerIntervalMs, () => this.#repairDirectives());
    every(timerIntervalMs, () => this.#appendTimer());
    every(packIntervalMs, () => this.#runs.packInTime(clock.nowMs(), () => eventLoopTurn("bulk")));
    every(snapshotIntervalMs, () => this.#snapshots.saveAtRest());
  }

  /** Somebody waits for what a command brings about. */
  urgencyOf(topicName: string): Urgency {
    return topicName === topic.commands ? "urgent" : "prompt";
  }

  /** Folded records don't come again: from here on it is the outbox that repeats what fails. */
  async onBatch(batch: Batch): Promise<void> {
    await this.#outbox.add(this.#foldBatch(batch));
  }

  #foldBatch(batch: Batch): RecordWork[] {
    const work: RecordWork[] = [];
    for (const record of this.#replay.ordered(batch)) {
      const effects = this.#foldRecord(record);
      this.#options.metrics.observationsRefused(effects.refused);
      const { topic: name, offset } = record;
      this.#positions[name] = offset + 1;
      if (!this.#replay.isReplayed(record))
        work.push({ topic: name, offset, effects, rows: rowsOf(effects) });
      else if (effects.commands.length > 0)
        work.push({ topic: name, offset, effects: commandsOf(effects), rows: null });
    }
    this.#addSummaries(work.at(-1));
    this.#moveOn(batch);
    return work;
  }

  #addSummaries(last: RecordWork | undefined): void {
    if (last !== undefined && last.rows !== null)
      last.rows = { ...last.rows, ...this.#summaries.takeAt(last.topic, last.offset) };
    this.#summaries.batchEnded();
  }

  #moveOn({ topic: name, records, endOffset }: Batch): void {
    const next = (records.at(-1)?.offset ?? -1) + 1;
    this.#lagging = endOffset - next >= 1_000;
    if (name !== topic.observations) return;
    const progress = { next, end: endOffset, rowsWait: this.#writer.isBehind };
    this.#options.backlog.folded(this.#assignment.partition, progress);
  }

  async close(): Promise<void> {
    await this.#outbox.close();
    await this.#writer.close();
    await this.#snapshots.save();
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
    const before = this.#runs.get(key);
    if (before !== undefined) this.#advance([key, before], event, effects);
  }

  #foldTimer(timer: RunEvent & { type: "timer" }, effects: Effects): void {
    const { nowMs } = timer;
    for (const [key, state] of this.#runs.dueAt(nowMs)) {
      const isOver = isTerminal(state.summary.status);
      if (isOver && nowMs > forgetAtMs(state)) this.#forget(key);
      else if (isOver || !this.#advance([key, state], timer, effects))
        this.#runs.leaveUntil(key, quietUntilMs(state, this.#options.parts, nowMs));
    }
  }

  #forget(key: string): void {
    this.#runs.delete(key);
    this.#snapshots.changed(key);
  }

  #fold(key: string, event: RunEvent, effects: Effects): void {
    this.#advance([key, this.#runs.get(key) ?? this.#begin(key, event)], event, effects);
  }

  /** Whether the event changed the run. */
  #advance([key, before]: [string, RunState], event: RunEvent, effects: Effects): boolean {
    const after = foldRun(before, event, { parts: this.#options.parts, effects });
    if (after === before) return false;
    this.#runs.set(key, after);
    this.#snapshots.changed(key);
    if (after.summary !== before.summary) this.#summaries.changed(key);
    return true;
  }

  #begin(key: string, event: RunEvent): RunState {
    const agentName = event.type === "observation" ? event.observation.agentName : "";
    return initialRunState(this.#options.parts, { ...parseRunKey(key), agentName, atMs: timeOf(event) });
  }

  async #appendTimer(): Promise<void> {
    if (this.#lagging || this.#runs.size === 0) return;
    const timer = timerRecord(this.#assignment.partition, this.#options.clock.nowMs());
    await this.#options.bus.publish(topic.observations, [timer]);
  }

  /** While it catches up, its own directives are the older ones. */
  async #repairDirectives(): Promise<void> {
    const isBehind = ([name, { offset }]: [string, Commit]): boolean => (this.#positions[name] ?? 0) < offset;
    if ([...this.#assignment.committed].some(isBehind)) return;
    const directives = this.#repair.due();
    if (directives.length > 0) await this.#options.publisher.publish({ ...noEffects(), directives });
  }
}

/** Takes over a partition: its runs as the last owner left them, then what came since. */
export async function openRunsWorker(
  options: RunsWorkerOptions,
  assignment: Assignment,
): Promise<PartitionWorker> {
  const { bus, metrics, parts } = options;
  const snapshot = await loadSnapshot(bus, {
    partition: assignment.partition,
    rules: quietRulesOf(parts),
    onUnreadable: (key, error) => metrics.snapshotUnreadable(key, messageOf(error)),
  });
  return new RunsWorker(options, assignment, snapshot);
}
