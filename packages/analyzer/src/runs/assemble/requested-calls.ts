import {
  isToolCallPart,
  isToolCallResponsePart,
  type Message,
  type MessagePart,
  stepIdOf,
  type ToolCallPart,
  type ToolCallResponsePart,
} from "@plumbline/contracts";
import { endOf, type ModelRecord, recordKey, startMsOf } from "./assembly-state.ts";
import { jsonText } from "./json-text.ts";
import { outputOf, promptOf } from "./model-facts.ts";

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
  readonly #part: ToolCallPart;
  #answer: ToolCallResponsePart | null = null;

  constructor(part: ToolCallPart, record: ModelRecord, index: number) {
    const { traceId, spanId } = record.place;
    this.#part = part;
    this.stepId = stepIdOf(traceId, spanId, part.id ?? `call-${String(index)}`);
    this.callId = part.id;
    this.name = part.name;
    this.requestedBy = recordKey(record.place);
    this.requestedAtMs = endOf(record)?.endMs ?? startMsOf(record);
  }

  get arguments(): string {
    return jsonText(this.#part.arguments) ?? "";
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

  answer(part: ToolCallResponsePart, atMs: number): void {
    this.#answer = part;
    this.answeredAtMs = atMs;
  }
}

/** A model call with the records of the same call merged in. */
export interface ModelCallRecords {
  record: ModelRecord;
  duplicates: readonly ModelRecord[];
}

/** Reads the tool calls out of messages, model call by model call in their order. */
class CallLedger {
  readonly calls: RequestedCall[] = [];
  readonly #byId = new Map<string, RequestedCall>();
  /** Calls of which history tells, made before the first model call that is known. */
  readonly #history = new Set<string>();

  addModelCall(current: ModelCallRecords, previous: ModelCallRecords | undefined): void {
    const parts = (promptOf(current)?.messages ?? []).flatMap((message): MessagePart[] => message.parts);
    this.#addRequests(parts, current, previous);
    const atMs = startMsOf(current.record);
    for (const part of parts) if (isToolCallResponsePart(part)) this.#answer(part, atMs);
    this.#addOutput(outputOf(current), current.record);
  }

  /** A prompt repeats what earlier calls asked for; that is news only where their output was not recorded. */
  #addRequests(
    parts: readonly MessagePart[],
    current: ModelCallRecords,
    previous: ModelCallRecords | undefined,
  ): void {
    const asker = previous ?? current;
    const knowsOutput = previous !== undefined && outputOf(previous) !== null;
    for (const [index, part] of parts.filter(isToolCallPart).entries()) {
      if (previous === undefined) this.#history.add(part.id ?? "");
      else if (part.id !== null || !knowsOutput) this.#request(part, asker.record, index);
    }
  }

  #addOutput(output: readonly Message[] | null, record: ModelRecord): void {
    let index = 0;
    for (const part of (output ?? []).flatMap((message): MessagePart[] => message.parts)) {
      if (!isToolCallPart(part)) continue;
      this.#request(part, record, index);
      index += 1;
    }
  }

  #request(part: ToolCallPart, record: ModelRecord, index: number): void {
    const { id } = part;
    if (id !== null && (this.#byId.has(id) || this.#history.has(id) || this.#adopts(id, part.name))) return;
    const call = new RequestedCall(part, record, index);
    this.calls.push(call);
    if (id !== null) this.#byId.set(id, call);
  }

  /** The prompt may know the id of a call that the output told without one. */
  #adopts(id: string, name: string): boolean {
    const call = this.calls.find(
      (candidate) => candidate.callId === null && !candidate.isAnswered && candidate.name === name,
    );
    if (call === undefined) return false;
    call.callId = id;
    this.#byId.set(id, call);
    return true;
  }

  /** An answer without an id belongs to the oldest call without one that still waits. */
  #answer(part: ToolCallResponsePart, atMs: number): void {
    const byId = part.id === null ? undefined : this.#byId.get(part.id);
    const call =
      byId ??
      this.calls.find(
        (candidate) => !candidate.isAnswered && (part.id === null || candidate.callId === null),
      );
    if (call !== undefined && !call.isAnswered) call.answer(part, atMs);
  }
}

/** The tool calls that the given model calls, in order, ask for and report on. */
export function requestedCalls(models: readonly ModelCallRecords[]): RequestedCall[] {
  const ledger = new CallLedger();
  let previous: ModelCallRecords | undefined;
  for (const current of models) {
    ledger.addModelCall(current, previous);
    previous = current;
  }
  return ledger.calls;
}
