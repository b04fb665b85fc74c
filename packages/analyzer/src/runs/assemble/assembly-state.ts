import type {
  Message,
  ModelFingerprint,
  ReportedError,
  ToolFingerprint,
  ToolTraits,
  Usage,
} from "@plumbline/contracts";
import type { Assembly } from "./assembler.ts";

/*
 * What is remembered of a run. Plain JSON. A record holds what its sources said, each in its own place, so that the
 * order of arrival does not matter; the step is derived from them. Old records leave the window and become fixed.
 */

/** Where a record stands in its trace. */
export interface Place {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  agentName: string;
  service: string;
  dialect: string;
}

/** A prompt, cut to what the run's earlier prompts did not hold. */
export interface Prompt {
  /** Messages from `baseCount` on. */
  messages: Message[];
  baseCount: number;
  baseHash: number;
  /** Hash of the whole prompt, null where only a part of it was seen, and of its last message. */
  endHash: number | null;
  lastHash: number | null;
  count: number;
}

export interface ModelEnd {
  provider: string;
  requestModel: string;
  responseModel: string | null;
  responseId: string | null;
  output: Message[] | null;
  finishReasons: string[];
  usage: Usage | null;
  reportedCostMicroUsd: number | null;
  error: ReportedError | null;
  startMs: number;
  endMs: number;
  /** Sent instead of contents. */
  fingerprint?: ModelFingerprint;
}

/** Messages that came in log records, with what puts them in order. */
export interface LoggedMessages {
  direction: "input" | "output";
  order: readonly [atMs: number, offset: number, index: number, id: string];
  messages: Message[];
  finishReasons: string[];
}

export interface ModelRecord {
  kind: "model";
  place: Place;
  start: { provider: string; requestModel: string; startMs: number } | null;
  /** As an event of the agent told it. */
  event: ModelEnd | null;
  span: ModelEnd | null;
  /** From the start event: exactly what is new, as the agent itself knows it. */
  startPrompt: Prompt | null;
  spanPrompt: Prompt | null;
  logged: LoggedMessages[];
  loggedPrompt: Prompt | null;
}

export interface ToolEnd {
  toolName: string;
  callId: string | null;
  arguments: string | null;
  result: string | null;
  error: ReportedError | null;
  startMs: number;
  endMs: number;
  /** Sent instead of contents. */
  fingerprint?: ToolFingerprint;
}

export interface ToolRecord {
  kind: "tool";
  place: Place;
  start: { toolName: string; callId: string | null; arguments: string | null; startMs: number } | null;
  event: ToolEnd | null;
  span: ToolEnd | null;
  traits: ToolTraits;
}

export type StepRecord = ModelRecord | ToolRecord;

export interface EmittedStep {
  stepId: string;
  sequence: number;
  revision: number;
  /** Of what was last said of it. */
  digest: number;
  /** Of what it was derived from besides its own record; 0 for nothing. */
  basis: number;
  /** Set for a step without a span, which later knowledge may make another one's: enough to take it back. */
  synthetic: { name: string; startMs: number; callId: string | null } | null;
}

/** A step cut to a line, for evidence. */
export interface EvidenceLine {
  /** Hash of its id. */
  step: number;
  call: string;
  returned: string;
}

export interface GoalCandidate {
  text: string;
  rank: number;
  atMs: number;
}

/** Tokens of all calls under a span. */
export interface ScopeTotal {
  /** Trace and span of the scope. */
  key: string;
  usage: Usage;
}

/** Lists, not objects by id: an object of ever new names costs far more to make than a list does to copy. */
export interface RunAssembly {
  version: 2;
  tenantId: string;
  runId: string;
  lastSequence: number;
  /** In order of first sight, one for each span. */
  records: readonly StepRecord[];
  /** In the order in which they were first told of; entries live as long as their record. */
  emitted: readonly EmittedStep[];
  /** Marks of records and steps that left the window: what comes late for them changes nothing. */
  settled: string[];
  /** What left the window together: how many marks, and when the last of it began. The oldest first, as the marks are. */
  settledUntil: { marks: number; startMs: number }[];
  /** Marks of what began up to here had to make room: 0 for none. */
  forgottenUntilMs: number;
  /** Whether an agent's own events tell of the calls as well as their spans. */
  isToldTwice: boolean;
  evidence: EvidenceLine[];
  goal: GoalCandidate | null;
  totals: readonly ScopeTotal[];
}

export function beginAssembly(run: { tenantId: string; runId: string }): RunAssembly {
  return {
    version: 2,
    tenantId: run.tenantId,
    runId: run.runId,
    lastSequence: 0,
    records: [],
    emitted: [],
    settled: [],
    settledUntil: [],
    forgottenUntilMs: 0,
    isToldTwice: false,
    evidence: [],
    goal: null,
    totals: [],
  };
}

/** The port keeps the state opaque; this module alone looks inside. */
export const sealed = (state: RunAssembly): Assembly => state as unknown as Assembly;

/** As versions before this one wrote it down. */
interface RunAssemblyByName extends Omit<RunAssembly, "version" | "records" | "emitted" | "totals"> {
  version: 1;
  records: Record<string, StepRecord>;
  emitted: Record<string, Omit<EmittedStep, "stepId">>;
}

export function opened(state: Assembly): RunAssembly {
  const written = state as unknown as RunAssembly | RunAssemblyByName;
  if (written.version === 2) return written;
  const emitted = Object.entries(written.emitted).map(([stepId, step]) => ({ stepId, ...step }));
  return { ...written, version: 2, records: Object.values(written.records), emitted, totals: [] };
}

export const recordKey = (place: { traceId: string; spanId: string }): string =>
  `${place.traceId}.${place.spanId}`;

export function endOf(record: ModelRecord): ModelEnd | null;
export function endOf(record: ToolRecord): ToolEnd | null;
export function endOf(record: StepRecord): ModelEnd | ToolEnd | null;
export function endOf(record: StepRecord): ModelEnd | ToolEnd | null {
  return record.span ?? record.event;
}

/** When the call began; of a call that so far only log records tell of, when the first of them was written. */
export function startMsOf(record: StepRecord): number {
  const known = endOf(record)?.startMs ?? record.start?.startMs;
  return known ?? (record.kind === "model" ? record.logged[0]?.order[0] : undefined) ?? 0;
}

export const isModel = (record: StepRecord): record is ModelRecord => record.kind === "model";
export const isTool = (record: StepRecord): record is ToolRecord => record.kind === "tool";

/** A record that only log messages tell of is no step yet. */
export const isSeen = (record: StepRecord): boolean =>
  record.start !== null || record.event !== null || record.span !== null;

/** Order of the calls themselves, whatever the order of arrival. */
export function byStart(first: StepRecord, second: StepRecord): number {
  const difference = startMsOf(first) - startMsOf(second);
  if (difference !== 0) return difference;
  return first.place.spanId < second.place.spanId ? -1 : 1;
}
