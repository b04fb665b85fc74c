import { isToolCallPart, type Message, oncePerObject, type ToolCallPart } from "@plumbline/contracts";
import {
  type EmittedStep,
  endOf,
  isModel,
  type ModelRecord,
  type RunAssembly,
  startMsOf,
  type StepRecord,
  type ToolRecord,
} from "./assembly-state.ts";
import { comparableArguments } from "./comparable-arguments.ts";
import { type Duplicates, findDuplicates } from "./duplicates.ts";
import { messageFacts } from "./message-facts.ts";
import { outputOf, promptOf } from "./model-facts.ts";
import { keysOf, recordKeyOfStep } from "./record-keys.ts";
import { comparablePart } from "./requested-calls.ts";
import { requestedMark, settledMark } from "./settled-marks.ts";

/** How much of a run stays open to revision. */
export interface WindowLimits {
  /** Records kept before the older half is settled. */
  maxRecords: number;
  /** Characters that they take as JSON, roughly. */
  maxChars: number;
}

export const defaultWindow: WindowLimits = { maxRecords: 24, maxChars: 8_000 };

const maxSettled = 160;
/** Of each prompt and output; the latest calls are enough, for those before them are known to be older. */
const maxRequestedPerRecord = 8;
/** A call must still be known when the next prompt answers it. */
const alwaysKept = 4;

/** What a record takes besides its texts: its place, and each of the sources that tell of it. */
const placeChars = { model: 400, tool: 200 } as const;
const sourceChars = 140;
const loggedChars = 120;

const charsOf = (messages: readonly Message[] | null | undefined): number =>
  messages?.reduce((sum, message) => sum + messageFacts(message).chars, 0) ?? 0;

function fingerprintChars(event: ModelRecord["event"] | ToolRecord["event"]): number {
  const sent = event?.fingerprint;
  if (sent === undefined) return 0;
  return Object.values(sent).reduce<number>(
    (sum, value) => sum + (typeof value === "string" ? value.length : 12),
    0,
  );
}

function modelChars({ startPrompt, spanPrompt, loggedPrompt, logged, event, span }: ModelRecord): number {
  const told = [startPrompt, spanPrompt, loggedPrompt, ...logged].map((prompt) => prompt?.messages);
  const chars = [...told, event?.output, span?.output].reduce((sum, messages) => sum + charsOf(messages), 0);
  return chars + (logged.length + 1) * loggedChars + fingerprintChars(event);
}

function toolChars({ start, event, span }: ToolRecord): number {
  const texts = [start?.arguments, event?.arguments, event?.result, span?.arguments, span?.result];
  return texts.reduce((sum, text) => sum + (text?.length ?? 0), fingerprintChars(event));
}

/** Records are never changed, only replaced: each is measured once. */
const sizeOf = oncePerObject((record: StepRecord): number => {
  const sources = [record.start, record.event, record.span].filter((source) => source !== null);
  const chars = isModel(record) ? modelChars(record) : toolChars(record);
  return placeChars[record.kind] + sources.length * sourceChars + chars;
});

const isOpen = (record: StepRecord): boolean => record.event === null && record.span === null;

function excess(records: readonly StepRecord[], limits: WindowLimits): number {
  const lengths = records.map(sizeOf);
  let total = lengths.reduce((sum, length) => sum + length, 0);
  if (records.length <= limits.maxRecords && total <= limits.maxChars) return 0;
  let drop = 0;
  while (
    drop < records.length - alwaysKept &&
    (records.length - drop > limits.maxRecords / 2 || total > limits.maxChars / 2)
  ) {
    total -= lengths[drop] ?? 0;
    drop += 1;
  }
  return drop;
}

/**
 * The window must begin with a model call: its prompt reports on calls of the ones before, which go with them. Where there
 * is none further on, the last one before has to stay as well.
 */
function boundary(records: readonly StepRecord[], drop: number, duplicates: Duplicates): number {
  const isStart = (record: StepRecord): boolean =>
    isModel(record) && duplicates.originalOf(keysOf(record).key) === undefined;
  const next = records.findIndex((record, index) => index >= drop && isStart(record));
  if (next >= 0 && next <= records.length - alwaysKept) return next;
  return Math.max(0, records.slice(0, drop).findLastIndex(isStart));
}

/** Settles the oldest records once there are too many; running ones stay. */
export function settle(state: RunAssembly, limits: WindowLimits): RunAssembly {
  const count = state.records.length;
  // Sizes are worth a look only now and then.
  if (count <= limits.maxRecords && count % 4 !== 0) return state;
  const records = state.records.toSorted((first, second) => startMsOf(first) - startMsOf(second));
  const drop = excess(records, limits);
  if (drop === 0) return state;
  const duplicates = findDuplicates(state.records);
  const mayGo = (record: StepRecord): boolean => !isOpen(record) || count > limits.maxRecords * 2;
  const gone = records.slice(0, boundary(records, drop, duplicates)).filter(mayGo);
  const keys = new Set(gone.flatMap((record) => withDuplicates(keysOf(record).key, duplicates)));
  return keys.size === 0 ? state : without(state, keys);
}

const withDuplicates = (key: string, duplicates: Duplicates): string[] => [
  key,
  ...duplicates.duplicatesOf(key),
];

/** A span that comes too late for the step that stood in for it must not count as a second one. */
function callMarks(synthetic: EmittedStep["synthetic"]): string[] {
  const callId = synthetic?.callId ?? null;
  return callId === null ? [] : [settledMark("call", callId)];
}

/** Later prompts may tell of the same calls again. */
function requestedMarks(record: StepRecord): string[] {
  if (!isModel(record)) return executedMarks(record);
  return requestsOf(record)
    .slice(-maxRequestedPerRecord)
    .map((part) => requestedMark(part.id ?? "", comparablePart(part)));
}

function executedMarks(record: ToolRecord): string[] {
  const told = endOf(record) ?? record.start;
  if (typeof told?.callId !== "string") return [];
  return [requestedMark(told.callId, comparableArguments(told.arguments ?? ""))];
}

function requestsOf(record: ModelRecord): ToolCallPart[] {
  const prompt = promptOf({ record, duplicates: [] })?.messages ?? [];
  const output = outputOf({ record, duplicates: [] }) ?? [];
  return [...prompt, ...output]
    .flatMap((message) => message.parts)
    .filter(isToolCallPart)
    .filter((part) => part.id !== null);
}

/** A step of its own record is marked with it; only one without a span needs a mark of its own. */
const isOfCall = (stepId: string): boolean => recordKeyOfStep(stepId) !== stepId;

/** Synthetic steps go with the record that asked for them: their ids begin with its key. */
function without(state: RunAssembly, goneKeys: ReadonlySet<string>): RunAssembly {
  const isGone = (record: StepRecord): boolean => goneKeys.has(keysOf(record).key);
  const isOfGone = ({ stepId }: EmittedStep): boolean => goneKeys.has(recordKeyOfStep(stepId));
  const gone = state.records.filter(isGone);
  const goneSteps = state.emitted.filter(isOfGone);
  const marks = [
    ...new Set(gone.flatMap(requestedMarks)),
    ...gone.map((record) => settledMark(record.kind, keysOf(record).key)),
    ...goneSteps.filter(({ stepId }) => isOfCall(stepId)).map(({ stepId }) => settledMark("step", stepId)),
    ...goneSteps.flatMap(({ synthetic }) => callMarks(synthetic)),
  ];
  const isMarkedAnew = new Set(marks);
  return {
    ...state,
    records: state.records.filter((record) => !isGone(record)),
    emitted: state.emitted.filter((step) => !isOfGone(step)),
    settled: [...state.settled.filter((mark) => !isMarkedAnew.has(mark)), ...marks].slice(-maxSettled),
    isToldTwice: state.isToldTwice || gone.some(({ start, event }) => start !== null || event !== null),
    ...forgetting(state, {
      marks: marks.length,
      startMs: Math.max(...gone.map(startMsOf)),
    }),
  };
}

/** Notes until when marks are given up. It may note too much: what began before then is settled all the same. */
function forgetting(
  state: RunAssembly,
  latest: RunAssembly["settledUntil"][number],
): Pick<RunAssembly, "settledUntil" | "forgottenUntilMs"> {
  const settledUntil = [...state.settledUntil, latest];
  let excessMarks = settledUntil.reduce((sum, { marks }) => sum + marks, 0) - maxSettled;
  let { forgottenUntilMs } = state;
  while (excessMarks > 0) {
    const oldest = settledUntil.shift();
    if (oldest === undefined) break;
    excessMarks -= oldest.marks;
    forgottenUntilMs = Math.max(forgottenUntilMs, oldest.startMs);
  }
  return { settledUntil, forgottenUntilMs };
}
