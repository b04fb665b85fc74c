import type { Observation, ObservationOf, Step } from "@plumbline/contracts";
import { createPriceBook, type PriceBook } from "../../usage/price-book.ts";
import { absorb, isStepObservation, keyOf, type StepObservation } from "./absorb.ts";
import type { Assembler } from "./assembler.ts";
import {
  beginAssembly,
  byStart,
  isModel,
  isSeen,
  type ModelRecord,
  opened,
  type Prompt,
  recordKey,
  type RunAssembly,
  sealed,
  startMsOf,
  type StepRecord,
} from "./assembly-state.ts";
import { lookAgain } from "./derive-all.ts";
import { emitChanges } from "./emit-changes.ts";
import { goalAfter, goalAfterPrompt } from "./goal.ts";
import { keysOf } from "./record-keys.ts";
import { recordOf, withRecords } from "./run-index.ts";
import { cutPrompt, type KnownPrompts, knownPrompts, partialPrompt, recutPrompt } from "./prompt.ts";
import { withTotal } from "./scope-totals.ts";
import { defaultWindow, settle, type WindowLimits } from "./settle.ts";
import { isSettled } from "./settled-marks.ts";
import { hashOf } from "./text-hash.ts";

export interface AssemblerOptions {
  prices?: PriceBook;
  window?: WindowLimits;
}

type Records = RunAssembly["records"];

const promptsOf = (record: ModelRecord): (Prompt | null)[] => [
  record.startPrompt,
  record.spanPrompt,
  record.loggedPrompt,
];

/** Records of model calls that began before the given one; its own duplicates have the same prompt and don't count. */
function earlierPrompts(records: Records, key: string, record: ModelRecord): (Prompt | null)[] {
  const prompts: (Prompt | null)[] = [];
  for (const other of records)
    if (isModel(other) && isEarlier(other, record) && keysOf(other).key !== key)
      prompts.push(...promptsOf(other));
  return prompts;
}

function isEarlier(other: ModelRecord, record: ModelRecord): boolean {
  if (byStart(other, record) >= 0) return false;
  const isParent =
    record.place.traceId === other.place.traceId && record.place.parentSpanId === other.place.spanId;
  return !isParent;
}

function loggedInput(record: ModelRecord): ModelRecord["logged"] {
  return record.logged.filter((entry) => entry.direction === "input");
}

type ToldPrompt = Extract<StepObservation, { kind: "model-call-start" | "model-call-end" }>;

function promptOf(
  { inputMessages, inputOffset, inputMessageCount }: ToldPrompt,
  known: KnownPrompts,
): Prompt | null {
  if (inputMessages === null) return null;
  if (inputOffset > 0) return partialPrompt(inputMessages, inputOffset, inputMessageCount);
  return cutPrompt(inputMessages, known);
}

function withPrompt(records: Records, record: ModelRecord, observation: StepObservation): ModelRecord {
  const known = knownPrompts(earlierPrompts(records, keyOf(observation), record));
  if (observation.kind === "model-call-start") {
    return { ...record, startPrompt: record.startPrompt ?? promptOf(observation, known) };
  }
  const told =
    observation.kind === "model-call-end" && record.spanPrompt === null
      ? { ...record, spanPrompt: promptOf(observation, known) }
      : record;
  return withLoggedPrompt(told, known);
}

/** A prompt that comes message by message is put together once the call itself is known. */
function withLoggedPrompt(record: ModelRecord, known: KnownPrompts): ModelRecord {
  if (!isSeen(record) || record.spanPrompt !== null) return record;
  const messages = loggedInput(record).flatMap((entry) => entry.messages);
  return messages.length === 0 ? record : { ...record, loggedPrompt: cutPrompt(messages, known) };
}

const recutOrNull = (prompt: Prompt | null, known: KnownPrompts): Prompt | null =>
  prompt === null ? null : recutPrompt(prompt, known);

/** The same record when nothing of its prompts was known before. */
function recutRecord(record: ModelRecord, known: KnownPrompts): ModelRecord {
  const startPrompt = recutOrNull(record.startPrompt, known);
  const spanPrompt = recutOrNull(record.spanPrompt, known);
  const loggedPrompt = recutOrNull(record.loggedPrompt, known);
  const isSame =
    startPrompt === record.startPrompt &&
    spanPrompt === record.spanPrompt &&
    loggedPrompt === record.loggedPrompt;
  return isSame ? record : { ...record, startPrompt, spanPrompt, loggedPrompt };
}

/** When an earlier call arrives late, later prompts hold less that is new: the records of which that is so. */
function recutLater(records: Records, key: string, changed: ModelRecord): ModelRecord[] {
  const known = knownPrompts(promptsOf(changed));
  if (known.endHashes.size + known.lastHashes.size === 0) return [];
  return records.flatMap((other) => {
    if (!isModel(other) || !isEarlier(changed, other) || keysOf(other).key === key) return [];
    const record = recutRecord(other, known);
    return record === other ? [] : [record];
  });
}

/** A backlog can come source by source: a span whose events, or an event whose span, made a step that is not known any more. */
function isForgotten({ isToldTwice, forgottenUntilMs }: RunAssembly, observation: StepObservation): boolean {
  const startMs = "startMs" in observation ? observation.startMs : observation.atMs;
  return isToldTwice && startMs <= forgottenUntilMs;
}

/** Whether the record, the one that it could only duplicate, or the step that stood in for it is settled. */
function isLate(state: RunAssembly, key: string, observation: StepObservation): boolean {
  if (state.settled.length === 0 || recordOf(state.records, key) !== undefined) return false;
  if (isForgotten(state, observation)) return true;
  if (isSettled(state, "model", key) || isSettled(state, "tool", key)) return true;
  if (observation.kind === "tool-call-start" || observation.kind === "tool-call-end") {
    return observation.callId !== null && isSettled(state, "call", observation.callId);
  }
  const { traceId, parentSpanId } = observation;
  return parentSpanId !== "" && isSettled(state, "model", recordKey({ traceId, spanId: parentSpanId }));
}

/** A run with what an observation told it, and the records that this changed; none for one that comes too late. */
interface Absorbed {
  state: RunAssembly;
  changed: readonly StepRecord[];
  /** Whether nothing was known of the call before. */
  isNew: boolean;
}

function absorbStep(state: RunAssembly, observation: StepObservation): Absorbed {
  const key = keyOf(observation);
  const before = recordOf(state.records, key);
  const isNew = before === undefined;
  const absorbed = isLate(state, key, observation) ? undefined : absorb(before, observation);
  if (absorbed === undefined) return { state, changed: [], isNew };
  if (!isModel(absorbed)) {
    return { state: withChanged(state, [absorbed]), changed: [absorbed], isNew };
  }
  const record = withPrompt(state.records, absorbed, observation);
  const isSamePrompt =
    absorbed.startPrompt === record.startPrompt &&
    absorbed.spanPrompt === record.spanPrompt &&
    absorbed.loggedPrompt === record.loggedPrompt;
  const recut = isSamePrompt && !isNew ? [] : recutLater(state.records, key, record);
  const { startPrompt, spanPrompt, loggedPrompt } = record;
  let { goal } = state;
  for (const prompt of [startPrompt, spanPrompt, loggedPrompt])
    goal = goalAfterPrompt(goal, prompt, startMsOf(record));
  const changed = [record, ...recut];
  return { state: withChanged({ ...state, goal }, changed), changed, isNew };
}

const withChanged = (state: RunAssembly, changed: readonly StepRecord[]): RunAssembly => ({
  ...state,
  records: withRecords(state.records, changed),
});

/** What log records add to a call that nothing else tells of yet makes no step, nor another one of any. */
function isStillUnseen({ changed: [record], isNew }: Absorbed): boolean {
  return record === undefined || (!isNew && !isSeen(record));
}

interface Assembled {
  state: RunAssembly;
  steps: Step[];
}

const isChild = ({ place }: StepRecord, scope: ObservationOf<"scope-end">): boolean =>
  place.traceId === scope.traceId && place.parentSpanId === scope.spanId;

/** Assembles the steps of runs; holds no state of its own. */
export function createAssembler(options: AssemblerOptions = {}): Assembler {
  const prices = options.prices ?? createPriceBook();
  const window = options.window ?? defaultWindow;

  /** What a scope tells of the tokens of its calls is theirs. */
  function withUsage(state: RunAssembly, scope: ObservationOf<"scope-end">): Assembled {
    const totals = withTotal(state.totals, scope);
    if (totals === state.totals) return { state, steps: [] };
    const counted = { ...state, totals };
    const calls = state.records.filter((record) => isModel(record) && isChild(record, scope));
    return emitChanges(counted, lookAgain(counted, calls, prices));
  }

  function next(state: RunAssembly, observation: Observation): Assembled {
    const withGoal = { ...state, goal: goalAfter(state.goal, observation) };
    if (observation.kind === "scope-end") return withUsage(withGoal, observation);
    if (!isStepObservation(observation)) return { state: withGoal, steps: [] };
    const absorbed = absorbStep(withGoal, observation);
    if (isStillUnseen(absorbed)) return { state: settle(absorbed.state, window), steps: [] };
    const told = emitChanges(absorbed.state, lookAgain(absorbed.state, absorbed.changed, prices));
    return { state: settle(told.state, window), steps: told.steps };
  }

  return {
    begin: (run) => sealed(beginAssembly(run)),
    next(sealedState, observation) {
      const { state, steps } = next(opened(sealedState), observation);
      return { state: sealed(state), steps, goal: state.goal?.text ?? null };
    },
    evidenceOf(sealedState, stepId) {
      const key = hashOf(stepId);
      const line = opened(sealedState).evidence.find(({ step }) => step === key);
      return line === undefined ? undefined : { call: line.call, returned: line.returned };
    },
  };
}
