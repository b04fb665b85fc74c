import {
  isPlumblineError,
  type Observation,
  type OtlpLogRecord,
  type OtlpSpan,
  topic,
} from "@plumbline/contracts";
import { createMonitor, createPolicy } from "@plumbline/detection";
import { Affinity, type AffinityDecision } from "../ingest/affinity/affinity.ts";
import type { ObservationDraft } from "../ingest/recognise/draft.ts";
import { recogniseLog, recogniseSpan, type RecordContext } from "../ingest/recognise/recognise.ts";
import { createAssembler } from "../runs/assemble/create-assembler.ts";
import type { RunParts } from "../runs/run-state.ts";
import { asIfGated } from "./as-if-gated.ts";
import { type BacktestedRun, joinedRuns } from "./backtested-run.ts";
import { advanceRun, closeRun, openRun, type OpenRun } from "./open-run.ts";

/*
 * Owns: what enforcement would have done to recorded telemetry, part by part, in bounded memory.
 * Does not own: reading the telemetry, keeping the snapshot, presenting the result.
 */

/** Decoded telemetry. */
export interface BacktestTelemetry {
  spans: readonly OtlpSpan[];
  logs: readonly OtlpLogRecord[];
}

export interface BacktestOptions {
  /** Telemetry from before is left out; milliseconds since the epoch. */
  sinceMs?: number;
  /** Runs that more telemetry may belong to; beyond it the one that was quiet for longest is closed. */
  maxOpenRuns?: number;
}

export interface BacktestCounts {
  spans: number;
  logs: number;
  /** Records that were broken. */
  rejected: number;
}

/** Everything a later process needs to go on. Plain JSON. */
export interface BacktestSnapshot {
  version: 1;
  offset: number;
  counts: BacktestCounts;
  reasons: string[];
  decisions: AffinityDecision[];
  open: [string, OpenRun][];
  closed: BacktestedRun[];
}

const defaultOpenRuns = 1_000;
const maxReasons = 20;
const nanosPerMs = 1_000_000n;

/** Runs recorded telemetry through the stages of the analyzer, everything enforced, as if every agent had a gate. */
export class Backtest {
  readonly #sinceNano: bigint;
  readonly #maxOpenRuns: number;
  readonly #parts: RunParts;
  /** A trace that tells nothing of its run waits for the next part, and at most for the end of its unit. */
  readonly #affinity = new Affinity({ holdMs: 1, maxHeld: Number.POSITIVE_INFINITY });
  readonly #decisions = new Map<string, string>();
  /** The run that was quiet for longest first. */
  readonly #open = new Map<string, OpenRun>();
  readonly #closed = new Map<string, BacktestedRun>();
  readonly #counts: BacktestCounts = { spans: 0, logs: 0, rejected: 0 };
  readonly #reasons: string[] = [];
  #heldClosed = 0;
  #offset = 0;
  #part = 0;

  constructor(options: BacktestOptions = {}) {
    this.#sinceNano = BigInt(Math.floor(options.sinceMs ?? 0)) * nanosPerMs;
    this.#maxOpenRuns = options.maxOpenRuns ?? defaultOpenRuns;
    const monitor = asIfGated(createMonitor(createPolicy({ profile: "enforce" })));
    this.#parts = { assembler: createAssembler(), monitor, profile: "enforce", anonymous: "enforce" };
  }

  get counts(): Readonly<BacktestCounts> {
    return this.#counts;
  }

  /** The first reasons for which records or files were left out. */
  get reasons(): readonly string[] {
    return this.#reasons;
  }

  get runCount(): number {
    return this.#open.size + this.#closed.size;
  }

  /** Runs seen so far that would have been held. */
  get heldCount(): number {
    const open = [...this.#open.values()].filter(({ hold }) => hold !== null);
    return this.#heldClosed + open.length;
  }

  /** Counts something that could not be read. */
  reject(reason: string): void {
    this.#counts.rejected += 1;
    if (this.#reasons.length < maxReasons) this.#reasons.push(reason);
  }

  /** One part of a unit: a file, a batch of its lines, a page of a table. Parts come in the order of time as far as possible. */
  feed({ spans, logs }: BacktestTelemetry): void {
    const recentSpans = spans.filter(({ endTimeUnixNano }) => endTimeUnixNano >= this.#sinceNano);
    const recentLogs = logs.filter((log) => timeOf(log) >= this.#sinceNano);
    this.#counts.spans += recentSpans.length;
    this.#counts.logs += recentLogs.length;
    const drafts = [
      ...this.#recognise(recentLogs, recogniseLog, topic.logs),
      ...this.#recognise(recentSpans, draftsOfSpan, topic.spans),
    ];
    this.#part += 1;
    this.#follow(this.#affinity.accept(drafts, this.#part));
  }

  /** Ends a unit: nothing waits any longer, so that a snapshot taken now is whole. */
  endUnit(): void {
    this.#follow(this.#affinity.close());
  }

  /** Ends the backtest. */
  finish(): BacktestedRun[] {
    this.endUnit();
    for (const runId of this.#open.keys()) this.#close(runId);
    return [...this.#closed.values()].toSorted((first, second) => first.startedAtMs - second.startedAtMs);
  }

  /** Only between units. */
  snapshot(): BacktestSnapshot {
    return {
      version: 1,
      offset: this.#offset,
      counts: this.#counts,
      reasons: this.#reasons,
      decisions: [...this.#decisions].map(([key, runId]) => ({ key, runId })),
      open: [...this.#open],
      closed: [...this.#closed.values()],
    };
  }

  /** Goes on where a snapshot was taken; before anything is fed. */
  restore(snapshot: BacktestSnapshot): void {
    this.#offset = snapshot.offset;
    Object.assign(this.#counts, snapshot.counts);
    this.#reasons.push(...snapshot.reasons);
    this.#affinity.restore(snapshot.decisions);
    for (const { key, runId } of snapshot.decisions) this.#decisions.set(key, runId);
    for (const [runId, run] of snapshot.open) this.#open.set(runId, run);
    for (const run of snapshot.closed) this.#closed.set(run.runId, run);
    this.#heldClosed = snapshot.closed.filter(({ hold }) => hold !== null).length;
  }

  #recognise<Item>(
    items: readonly Item[],
    recognise: (item: Item, context: RecordContext) => ObservationDraft[],
    name: string,
  ): ObservationDraft[] {
    return items.flatMap((item, index) => {
      try {
        const source = { topic: name, partition: 0, offset: this.#part, index };
        return recognise(item, { tenantId: "", principal: "", source });
      } catch (error) {
        if (!isPlumblineError(error)) throw error;
        this.reject(error.message);
        return [];
      }
    });
  }

  #follow({ ready, decisions }: { ready: Observation[]; decisions: AffinityDecision[] }): void {
    for (const { key, runId } of decisions) {
      if (runId === "") this.#decisions.delete(key);
      else this.#decisions.set(key, runId);
    }
    for (const observation of ready.toSorted((first, second) => first.atMs - second.atMs))
      this.#advance(observation);
  }

  #advance(observation: Observation): void {
    const runId = observation.affinity;
    const run = this.#open.get(runId) ?? openRun(this.#parts, observation);
    this.#offset += 1;
    this.#open.delete(runId);
    this.#open.set(runId, advanceRun(run, { observation, offset: this.#offset }, this.#parts));
    if (this.#open.size <= this.#maxOpenRuns) return;
    const [quietest] = this.#open.keys();
    if (quietest !== undefined) this.#close(quietest);
  }

  #close(runId: string): void {
    const open = this.#open.get(runId);
    this.#open.delete(runId);
    const run = open === undefined ? null : closeRun(open);
    if (run === null) return;
    const known = this.#closed.get(runId);
    const joined = known === undefined ? run : joinedRuns(known, run);
    if (joined.hold !== null && (known?.hold ?? null) === null) this.#heldClosed += 1;
    this.#closed.set(runId, joined);
  }
}

function draftsOfSpan(span: OtlpSpan, context: RecordContext): ObservationDraft[] {
  const draft = recogniseSpan(span, context);
  return draft === undefined ? [] : [draft];
}

function timeOf({ timeUnixNano, observedTimeUnixNano }: OtlpLogRecord): bigint {
  return timeUnixNano > 0n ? timeUnixNano : observedTimeUnixNano;
}
