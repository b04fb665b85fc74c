import {
  createObjectNotes,
  isToolCallPart,
  isToolCallResponsePart,
  type Message,
  type MessagePart,
  oncePerObject,
  stepIdOf,
  type ToolCallPart,
  type ToolCallResponsePart,
} from "@plumbline/contracts";
import { endOf, type ModelRecord, startMsOf } from "./assembly-state.ts";
import { comparableArguments } from "./comparable-arguments.ts";
import { jsonText } from "./json-text.ts";
import { outputOf, promptOf } from "./model-facts.ts";
import { keysOf } from "./record-keys.ts";

/** Ids of fewer characters may be counters that begin anew. */
const distinctiveIdChars = 12;

/** OpenAI gives a call an id as an item of the response and another one to be answered under; some emitters tell only the first. */
const isItemId = (id: string): boolean => id.startsWith("fc_");

/** The arguments of a call as comparable text. Parts are never changed: those of each are put in order once. */
export const comparablePart = oncePerObject((part: ToolCallPart): string =>
  comparableArguments(jsonText(part.arguments) ?? ""),
);

/** Step ids of calls, by the record that asked for them. */
const stepIds = createObjectNotes<ToolCallPart, { askedBy: string; index: number; stepId: string }>();

function stepIdOfPart(part: ToolCallPart, record: ModelRecord, index: number): string {
  const askedBy = keysOf(record).stepId;
  const known = stepIds.get(part);
  if (known?.askedBy === askedBy && known.index === index) return known.stepId;
  const { traceId, spanId } = record.place;
  const stepId = stepIdOf(traceId, spanId, part.id ?? `call-${String(index)}`);
  stepIds.set(part, { askedBy, index, stepId });
  return stepId;
}

type CallPart = ToolCallPart | ToolCallResponsePart;

/** The parts of messages that tell of tool calls, which is all that is read of them here. */
const callPartsIn = oncePerObject((messages: readonly Message[]): readonly CallPart[] =>
  messages
    .flatMap((message): MessagePart[] => message.parts)
    .filter((part) => isToolCallPart(part) || isToolCallResponsePart(part)),
);

const callPartsOf = (messages: readonly Message[] | null | undefined): readonly CallPart[] =>
  messages === null || messages === undefined ? [] : callPartsIn(messages);

/** A tool call as messages tell of it: asked for by one model call, answered in the prompt of a later one. */
export class RequestedCall {
  /** Id of the step that stands for it if no span does. */
  readonly stepId: string;
  callId: string | null;
  readonly name: string;
  /** Key of the model record that asked for it. */
  readonly requestedBy: string;
  readonly requestedAtMs: number;
  answeredAtMs: number | null = null;
  /** The prompt that told the answer. */
  answeredIn: object | null = null;
  readonly #part: ToolCallPart;
  #answer: ToolCallResponsePart | null = null;

  constructor(part: ToolCallPart, record: ModelRecord, index: number) {
    this.#part = part;
    this.stepId = stepIdOfPart(part, record, index);
    this.callId = part.id;
    this.name = part.name;
    this.requestedBy = keysOf(record).key;
    this.requestedAtMs = endOf(record)?.endMs ?? startMsOf(record);
  }

  get arguments(): string {
    return jsonText(this.#part.arguments) ?? "";
  }

  get comparableArguments(): string {
    return comparablePart(this.#part);
  }

  get isAnswered(): boolean {
    return this.#answer !== null;
  }

  get result(): string | null {
    return this.#answer === null ? null : jsonText(this.#answer.response);
  }

  get isError(): boolean {
    return this.#answer?.isError === true;
  }

  /** Of several answers that one prompt gives the last holds: the call may have been made before under the same id. */
  answer(part: ToolCallResponsePart, prompt: { atMs: number }): void {
    this.#answer = part;
    this.answeredIn = prompt;
    this.answeredAtMs = prompt.atMs;
  }
}

/** A model call with the records of the same call merged in. */
export interface ModelCallRecords {
  record: ModelRecord;
  duplicates: readonly ModelRecord[];
}

const isAnsweredByOrder = ({ callId }: RequestedCall): boolean => callId === null || isItemId(callId);

/** Whether a call with that id, and with those arguments where given, left the window as a step. */
type IsSettledCall = (callId: string, comparableArguments: string | null) => boolean;

/** A prompt while it is read. */
interface ReadPrompt {
  /** The model call that calls made known only here are put down to. */
  asker: ModelRecord;
  /** Before the first model call that is known: what this one tells of was over before. */
  isFirst: boolean;
  /** Whether the previous model call's own requests are recorded: then a prompt only repeats. */
  knowsOutput: boolean;
  atMs: number;
  /** What the calls that it tells of are known as, by id; null for what is over long since. */
  told: Map<string, RequestedCall | null>;
  /** The same by order, of calls that are answered under another id than they are told under. */
  toldByItem: (RequestedCall | null)[];
}

/** Reads the tool calls out of messages, model call by model call in their order. */
class CallLedger {
  readonly calls: RequestedCall[] = [];
  /** Every call of an id, in order, for some emitters use an id again in every turn; those of history too. */
  readonly #byId = new Map<string, RequestedCall[]>();
  readonly #isSettled: IsSettledCall;

  constructor(isSettled: IsSettledCall) {
    this.#isSettled = isSettled;
  }

  addModelCall(current: ModelCallRecords, previous: ModelCallRecords | undefined): void {
    const parts = callPartsOf(promptOf(current)?.messages);
    const prompt: ReadPrompt = {
      asker: (previous ?? current).record,
      isFirst: previous === undefined,
      knowsOutput: previous !== undefined && outputOf(previous) !== null,
      atMs: startMsOf(current.record),
      told: new Map(),
      toldByItem: [],
    };
    if (parts.length > 0) this.#addPrompt(parts, prompt);
    this.#addOutput(outputOf(current), current.record);
  }

  #addPrompt(parts: readonly CallPart[], prompt: ReadPrompt): void {
    const lastSettled = parts.findLastIndex((part) => isToolCallPart(part) && this.#wasSettled(part, prompt));
    let index = 0;
    for (const [at, part] of parts.entries()) {
      if (isToolCallResponsePart(part)) this.#answer(part, prompt);
      if (!isToolCallPart(part)) continue;
      const call =
        this.#knownCall(part, prompt) ?? (at > lastSettled ? this.#news(part, prompt, index) : null);
      if (part.id !== null) prompt.told.set(part.id, call);
      if (part.id !== null && isItemId(part.id)) prompt.toldByItem.push(call);
      index += 1;
    }
  }

  /** A call of which only the prompt tells. */
  #news(part: ToolCallPart, prompt: ReadPrompt, index: number): RequestedCall | null {
    if (prompt.isFirst) return this.#remembered(part.id, new RequestedCall(part, prompt.asker, index));
    if (prompt.knowsOutput && (part.id === null || isItemId(part.id))) return null;
    return this.#request(part, prompt.asker, index);
  }

  /** By its position an output is news, unless the same call was told before. */
  #addOutput(output: readonly Message[] | null, record: ModelRecord): void {
    let index = 0;
    for (const part of callPartsOf(output)) {
      if (!isToolCallPart(part)) continue;
      if (!this.#isToldAgain(part, record)) this.#request(part, record, index);
      index += 1;
    }
  }

  /** Spans around a call may tell its output once more; a counter for an id, answered already, counts something else. */
  #isToldAgain(part: ToolCallPart, record: ModelRecord): boolean {
    const last = part.id === null ? undefined : this.#byId.get(part.id)?.at(-1);
    if (last === undefined) return false;
    if (!last.isAnswered || last.requestedBy === keysOf(record).key) return true;
    const isDistinctive = (part.id ?? "").length >= distinctiveIdChars;
    return isDistinctive && last.comparableArguments === comparablePart(part);
  }

  #remembered(id: string | null, call: RequestedCall): RequestedCall {
    if (id === null) return call;
    const same = this.#byId.get(id);
    if (same === undefined) this.#byId.set(id, [call]);
    else same.push(call);
    return call;
  }

  #wasSettled(part: ToolCallPart, { knowsOutput }: ReadPrompt): boolean {
    return part.id !== null && this.#isSettled(part.id, knowsOutput ? null : comparablePart(part));
  }

  /** The call of that id; where the id is used again, the one with the same arguments. */
  #knownCall(part: ToolCallPart, { knowsOutput }: ReadPrompt): RequestedCall | undefined {
    const same = part.id === null ? undefined : this.#byId.get(part.id);
    const last = same?.at(-1);
    if (same === undefined || last === undefined) return undefined;
    const exact = same.findLast((call) => call.comparableArguments === comparablePart(part));
    return exact ?? (knowsOutput || !last.isAnswered ? last : undefined);
  }

  #request(part: ToolCallPart, record: ModelRecord, index: number): RequestedCall {
    const { id } = part;
    const adopted = id === null ? undefined : this.#adopted(id, part.name);
    if (adopted !== undefined) return adopted;
    const call = new RequestedCall(part, record, index);
    this.calls.push(call);
    return this.#remembered(id, call);
  }

  /** The prompt may know the id of a call that the output told without one. */
  #adopted(id: string, name: string): RequestedCall | undefined {
    const call = this.calls.find(
      (candidate) => candidate.callId === null && !candidate.isAnswered && candidate.name === name,
    );
    if (call === undefined) return undefined;
    call.callId = id;
    return this.#remembered(id, call);
  }

  /** The call that an answer is for; one without an id belongs to the oldest call without one that still waits. */
  #answered(
    { id }: ToolCallResponsePart,
    { told, toldByItem }: ReadPrompt,
  ): RequestedCall | null | undefined {
    const inPrompt = id === null ? undefined : told.get(id);
    if (inPrompt !== undefined) return inPrompt;
    const byId = id === null ? undefined : this.#byId.get(id);
    if (byId !== undefined) return byId.at(-1);
    const waiting = toldByItem.findIndex((call) => call?.isAnswered !== true);
    const byOrder =
      waiting < 0
        ? this.calls.find((call) => !call.isAnswered && (id === null || isAnsweredByOrder(call)))
        : toldByItem.splice(0, waiting + 1).at(-1);
    if (id !== null && byOrder) this.#remembered(id, byOrder);
    return byOrder;
  }

  #answer(part: ToolCallResponsePart, prompt: ReadPrompt): void {
    const call = this.#answered(part, prompt) ?? undefined;
    if (call !== undefined && (!call.isAnswered || call.answeredIn === prompt)) call.answer(part, prompt);
  }
}

/**
 * The tool calls that the given model calls, in order, ask for and report on.
 * @param isSettled of calls that were made before; a prompt that tells of them again makes no new ones of them, nor of
 *   any before them
 */
export function requestedCalls(
  models: readonly ModelCallRecords[],
  isSettled: IsSettledCall,
): RequestedCall[] {
  const ledger = new CallLedger(isSettled);
  let previous: ModelCallRecords | undefined;
  for (const current of models) {
    ledger.addModelCall(current, previous);
    previous = current;
  }
  return ledger.calls;
}
