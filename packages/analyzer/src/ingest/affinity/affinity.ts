import {
  type Observation,
  type SourceCoordinates,
  aliasAffinityKey,
  identifyRun,
  isAliasAffinityKey,
  traceAffinityKey,
} from "@plumbline/contracts";
import type { ObservationDraft } from "../recognise/draft.ts";
import { BoundedMap } from "./bounded-map.ts";
import { LiveRuns } from "./live-runs.ts";
import { RunIndex } from "./run-index.ts";

/*
 * Owns: which run each record is keyed by, fixed for all records of a trace by what was known first (design §7).
 * Does not own: time (a parameter), publishing, nor what a record says of its run (hints).
 *
 * Same inputs in the same order give the same outputs. A decision once published must hold after a restart as well:
 * `decisions` are to be stored before the observations they concern are published, and given to `restore` at the start.
 */

/** A choice that a successor of this process must know. An empty run id means that it is no longer needed. */
export interface AffinityDecision {
  key: string;
  runId: string;
}

export interface AffinityResult {
  /** In the order in which they may be published. */
  ready: Observation[];
  decisions: AffinityDecision[];
}

export interface AffinityOptions {
  /** How long a trace that tells nothing of its run may wait for a record that does. */
  holdMs?: number;
  maxTraces?: number;
  maxReferences?: number;
  maxHeld?: number;
}

interface TraceState {
  runId: string | null;
  /** Ids learned after the choice that name the same run. */
  aliases: string[];
  systemPrompt: string | null;
  firstUserMessage: string | null;
  isRooted: boolean;
  held: ObservationDraft[];
  heldSinceMs: number;
}

const maxAliases = 8;

export class Affinity {
  readonly #holdMs: number;
  readonly #maxHeld: number;
  readonly #traces: BoundedMap<TraceState>;
  /** Run ids that name a run which already has another one. */
  readonly #canonical: BoundedMap<string>;
  readonly #index: RunIndex;
  readonly #liveRuns = new LiveRuns();
  /** Traces that hold records, oldest first. */
  readonly #waiting = new Map<string, TraceState>();
  #heldCount = 0;
  #forgotten: AffinityDecision[] = [];

  constructor(options: AffinityOptions = {}) {
    this.#holdMs = options.holdMs ?? 250;
    this.#maxHeld = options.maxHeld ?? 10_000;
    this.#traces = new BoundedMap(options.maxTraces ?? 100_000);
    this.#canonical = new BoundedMap(options.maxTraces ?? 100_000);
    this.#index = new RunIndex(options.maxReferences ?? 100_000);
  }

  get heldCount(): number {
    return this.#heldCount;
  }

  /** Where the records that wait came from: their source is not complete before they are published. */
  heldSources(): SourceCoordinates[] {
    return [...this.#waiting.values()].flatMap((trace) =>
      trace.held.map((draft) => draft.observation.source),
    );
  }

  /** Takes over what a predecessor chose. */
  restore(decisions: Iterable<AffinityDecision>): void {
    for (const { key, runId } of decisions) {
      if (isAliasAffinityKey(key)) {
        if (runId === "") this.#canonical.delete(key);
        else this.#forget(this.#canonical.set(key, runId));
      } else if (runId === "") this.#traces.delete(key);
      else this.#forget(this.#traces.set(key, newTrace(runId)));
    }
  }

  /** What had to make room is said to be no longer needed with the next result. */
  #forget(evicted: [key: string, unknown] | undefined): void {
    if (evicted !== undefined) this.#forgotten.push({ key: evicted[0], runId: "" });
  }

  #newResult(): AffinityResult {
    const decisions = this.#forgotten;
    this.#forgotten = [];
    return { ready: [], decisions };
  }

  accept(drafts: readonly ObservationDraft[], nowMs: number): AffinityResult {
    const result = this.#newResult();
    for (const draft of inTimeOrder(drafts)) this.#acceptOne(draft, nowMs, result);
    this.#release(nowMs, result);
    return result;
  }

  /** Lets go what has waited long enough. */
  tick(nowMs: number): AffinityResult {
    const result = this.#newResult();
    this.#release(nowMs, result);
    return result;
  }

  /** Lets go whatever waits, as nothing more comes. */
  close(): AffinityResult {
    const result = this.#newResult();
    for (const [key, trace] of this.#waiting) this.#decideByTrace(key, trace, result);
    return result;
  }

  #acceptOne(draft: ObservationDraft, nowMs: number, result: AffinityResult): void {
    const { traceId } = draft.observation;
    if (traceId === "") this.#acceptTraceless(draft, result);
    else this.#acceptInTrace(draft, nowMs, result);
  }

  /** Without a trace only a record that names its run by itself belongs to one. */
  #acceptTraceless(draft: ObservationDraft, result: AffinityResult): void {
    const runId = this.#index.idOf(draft.hints, draft.observation);
    if (runId !== undefined) this.#emit(draft, { runId, aliases: [] }, result);
  }

  #acceptInTrace(draft: ObservationDraft, nowMs: number, result: AffinityResult): void {
    const { observation, hints } = draft;
    const key = traceAffinityKey(observation.tenantId, observation.traceId);
    const trace = this.#traces.get(key) ?? this.#open(key, result);
    const named = this.#nameIn(trace, draft);
    if (trace.runId === null && named === undefined) {
      this.#hold(key, trace, { draft, nowMs });
      return;
    }
    const fixed = trace.runId ?? this.#resolve(observation.tenantId, named ?? "");
    this.#rememberRoot(trace, draft, fixed);
    if (trace.runId === null) this.#decide(key, trace, { runId: fixed, result });
    else if (named !== undefined) this.#learn(trace, { named, draft, result });
    const runId = hints.runId ?? fixed;
    this.#emit(draft, { runId, aliases: runId === fixed ? trace.aliases : [] }, result);
  }

  /** How a trace began is noted once: hashing prompts is not free. */
  #rememberRoot(trace: TraceState, { observation, hints }: ObservationDraft, runId: string): void {
    const firstUserMessage = trace.firstUserMessage ?? hints.firstUserMessage;
    if (trace.isRooted || firstUserMessage === null) return;
    const systemPrompt = trace.systemPrompt ?? hints.systemPrompt;
    this.#index.rememberRoot({ ...hints, systemPrompt, firstUserMessage }, observation, runId);
    trace.isRooted = true;
  }

  /** A prompt may come in pieces: system prompt and first message are put together from all records of the trace. */
  #nameIn(trace: TraceState, { observation, hints }: ObservationDraft): string | undefined {
    // Once the run is fixed, only another name of its conversation is of interest.
    if (trace.runId !== null)
      return hints.conversationId === null ? undefined : this.#index.idOf(hints, observation);
    trace.systemPrompt ??= hints.systemPrompt;
    trace.firstUserMessage ??= hints.firstUserMessage;
    const { systemPrompt, firstUserMessage } = trace;
    return this.#index.idOf({ ...hints, systemPrompt, firstUserMessage }, observation);
  }

  #open(key: string, result: AffinityResult): TraceState {
    const trace = newTrace(null);
    const evicted = this.#traces.set(key, trace);
    if (evicted === undefined) return trace;
    const [oldKey, old] = evicted;
    if (old.held.length > 0) this.#decideByTrace(oldKey, old, result);
    result.decisions.push({ key: oldKey, runId: "" });
    return trace;
  }

  #resolve(tenantId: string, runId: string): string {
    return this.#canonical.get(aliasAffinityKey(tenantId, runId)) ?? runId;
  }

  #hold(key: string, trace: TraceState, { draft, nowMs }: { draft: ObservationDraft; nowMs: number }): void {
    if (trace.held.length === 0) {
      trace.heldSinceMs = nowMs;
      this.#waiting.set(key, trace);
    }
    trace.held.push(draft);
    this.#heldCount += 1;
  }

  #decide(
    key: string,
    trace: TraceState,
    { runId, result }: { runId: string; result: AffinityResult },
  ): void {
    trace.runId = runId;
    trace.systemPrompt = null;
    trace.firstUserMessage = null;
    result.decisions.push({ key, runId });
    this.#waiting.delete(key);
    this.#heldCount -= trace.held.length;
    const held = trace.held;
    trace.held = [];
    for (const draft of held) this.#emit(draft, { runId, aliases: trace.aliases }, result);
  }

  /** Later ids of a decided trace become other names of its run, for this trace and for those to come. */
  #learn(
    trace: TraceState,
    { named, draft, result }: { named: string; draft: ObservationDraft; result: AffinityResult },
  ): void {
    const { tenantId } = draft.observation;
    if (named === trace.runId || draft.hints.runId !== null || trace.runId === null) return;
    if (trace.aliases.includes(named) || trace.aliases.length >= maxAliases) return;
    const key = aliasAffinityKey(tenantId, named);
    const known = this.#canonical.get(key);
    if (known === trace.runId) {
      trace.aliases = [...trace.aliases, named];
      return;
    }
    // A history root or a run that others already use keeps its name; only ids of a conversation are taken over.
    if (known !== undefined || !named.startsWith("c-")) return;
    trace.aliases = [...trace.aliases, named];
    this.#forget(this.#canonical.set(key, trace.runId));
    result.decisions.push({ key, runId: trace.runId });
  }

  #emit(draft: ObservationDraft, run: { runId: string; aliases: string[] }, result: AffinityResult): void {
    const { observation, hints } = draft;
    const { tenantId } = observation;
    this.#index.rememberReferences(hints, observation, run.runId);
    this.#liveRuns.saw({ tenantId, process: hints.process, runId: run.runId, atMs: observation.atMs });
    result.ready.push({ ...observation, affinity: run.runId, aliases: run.aliases });
  }

  #release(nowMs: number, result: AffinityResult): void {
    for (const [key, trace] of this.#waiting) {
      if (nowMs - trace.heldSinceMs < this.#holdMs && this.#heldCount <= this.#maxHeld) break;
      this.#decideByTrace(key, trace, result);
    }
  }

  /** Nothing told in time: what others told meanwhile decides, else the one run of the process, else the trace itself. */
  #decideByTrace(key: string, trace: TraceState, result: AffinityResult): void {
    const [first] = trace.held;
    if (first === undefined) return;
    const { tenantId, traceId } = first.observation;
    const named = trace.held.map((draft) => this.#nameIn(trace, draft)).find((name) => name !== undefined);
    const known = named === undefined ? this.#onlyRunOf(trace, first) : this.#resolve(tenantId, named);
    const own = identifyRun({ tenantId, traceId })?.runId ?? `t-${traceId}`;
    this.#decide(key, trace, { runId: known ?? own, result });
  }

  /** A model call that tells nothing may be anyone's; a tool call without one belongs to a run that has them. */
  #onlyRunOf(trace: TraceState, { observation, hints }: ObservationDraft): string | undefined {
    if (trace.held.some((draft) => draft.observation.kind.startsWith("model-call"))) return undefined;
    const { tenantId, atMs } = observation;
    return this.#liveRuns.only({ tenantId, process: hints.process, atMs });
  }
}

/** One request groups its spans by scope: what comes in together is put in the order of its end. */
function inTimeOrder(drafts: readonly ObservationDraft[]): ObservationDraft[] {
  return drafts.toSorted((first, second) => first.observation.atMs - second.observation.atMs);
}

function newTrace(runId: string | null): TraceState {
  return {
    runId,
    aliases: [],
    systemPrompt: null,
    firstUserMessage: null,
    isRooted: false,
    held: [],
    heldSinceMs: 0,
  };
}
