import { classifyOutcome } from "@plumbline/detection";
import type { Outcome, ReportedError, Step } from "@plumbline/contracts";
import type { PriceBook } from "../../usage/price-book.ts";
import {
  endOf,
  type ModelRecord,
  type Place,
  type RunAssembly,
  startMsOf,
  type ToolRecord,
} from "./assembly-state.ts";
import { modelFactsOf } from "./model-facts.ts";
import { keysOf } from "./record-keys.ts";
import { totalAbove } from "./scope-totals.ts";
import type { ModelCallRecords, RequestedCall } from "./requested-calls.ts";

/** A step before its place in the run and its revision are known. */
export type DerivedStep = Omit<Step, "sequence" | "revision">;

const notYet: Outcome = { class: "unknown", evidence: null, errorType: null, message: null };

function frame(
  run: RunAssembly,
  place: Place,
): Pick<DerivedStep, "version" | "tenantId" | "runId" | "retracted" | "synthetic"> & Place {
  return {
    version: 1,
    tenantId: run.tenantId,
    runId: run.runId,
    retracted: false,
    synthetic: false,
    ...place,
  };
}

function modelOutcome(error: ReportedError | null): Outcome {
  if (error === null) return { class: "ok", evidence: null, errorType: null, message: null };
  return { class: "error", evidence: "span status", errorType: error.type, message: error.message };
}

function newMessagesOf(
  prompt: ReturnType<typeof modelFactsOf>["prompt"],
): NonNullable<Step["model"]>["newInputMessages"] {
  if (prompt === null) return [];
  if (prompt.baseCount === 0) return prompt.messages;
  // Behind what was known comes first what the model itself had answered.
  const firstForeign = prompt.messages.findIndex((message) => message.role !== "assistant");
  return firstForeign < 0 ? [] : prompt.messages.slice(firstForeign);
}

type ModelFacts = ReturnType<typeof modelFactsOf>;

function costOf(facts: ModelFacts, prices: PriceBook): number | null {
  const { provider, requestModel, responseModel, usage, startMs } = facts;
  const priced =
    usage === null
      ? null
      : prices.costMicroUsd({ provider, requestModel, responseModel, usage, atMs: startMs });
  return priced ?? facts.reportedCostMicroUsd;
}

export function deriveModelStep(run: RunAssembly, records: ModelCallRecords, prices: PriceBook): DerivedStep {
  const { place } = records.record;
  const told = modelFactsOf(records);
  const facts = { ...told, usage: totalAbove(run.totals, place) ?? told.usage };
  const { provider, requestModel, responseModel, usage, startMs, prompt, ended } = facts;
  return {
    ...frame(run, place),
    stepId: keysOf(records.record).stepId,
    kind: "model",
    name: requestModel === "" ? (responseModel ?? "") : requestModel,
    state: ended ? "ended" : "running",
    startMs,
    endMs: ended ? facts.endMs : null,
    outcome: ended ? modelOutcome(facts.error) : notYet,
    model: {
      provider,
      requestModel,
      responseModel,
      usage,
      costMicroUsd: costOf(facts, prices),
      finishReasons: facts.finishReasons,
      newInputMessages: newMessagesOf(prompt),
      inputMessageCount: prompt === null ? 0 : prompt.count,
      output: facts.output ?? [],
    },
    tool: null,
    ...sentBy(records.record),
  };
}

/** What the agent sent instead of contents. */
function sentBy({ event }: ModelRecord | ToolRecord): Pick<Step, "fingerprint"> {
  return event?.fingerprint === undefined ? {} : { fingerprint: event.fingerprint };
}

/** A tool span, the spans of the same call under it, and the call in the messages. */
export interface ToolCallRecords {
  record: ToolRecord;
  duplicates: readonly ToolRecord[];
  call: RequestedCall | undefined;
  /** Names that the run's model calls asked for. */
  knownNames: ReadonlySet<string>;
}

type ToolFact = "callId" | "arguments" | "result";

function toolFact({ record, duplicates }: ToolCallRecords, fact: ToolFact): string | null {
  for (const { span, event, start } of [record, ...duplicates]) {
    const known = span?.[fact] ?? event?.[fact] ?? (fact === "result" ? null : start?.[fact]);
    if (known !== null && known !== undefined) return known;
  }
  return null;
}

/** What the step of a tool takes from the messages, beside the arguments: nothing that its own records tell. */
export function takenFrom(call: RequestedCall, records: ToolCallRecords): string {
  const { callId, isAnswered, isError } = call;
  const takesResult = isAnswered && toolFact(records, "result") === null;
  return [callId ?? "", isError ? "error" : "", takesResult ? "result" : ""].join("/");
}

function toolError({ record, duplicates, call }: ToolCallRecords): ReportedError | null {
  for (const { span, event } of [record, ...duplicates]) {
    const error = span?.error ?? event?.error ?? null;
    if (error !== null) return error;
  }
  return call?.isError === true ? { type: null, message: null } : null;
}

/** Some emitters name a tool by its class: the model's own name for it counts then. */
function toolName({ record, call, knownNames }: ToolCallRecords): string {
  const own = endOf(record)?.toolName ?? record.start?.toolName ?? "";
  if (call === undefined || call.name === "" || knownNames.has(own)) return own;
  return call.name;
}

const isJson = (text: string): boolean => /^\s*[{[]/.test(text);

/** Some emitters turn arguments into bare text: what the model wrote is fuller then. */
function argumentsOf(records: ToolCallRecords): string {
  const own = toolFact(records, "arguments");
  const asked = records.call?.arguments ?? null;
  if (own === null || own === "") return asked ?? "";
  return asked !== null && !isJson(own) && isJson(asked) ? asked : own;
}

function toolOutcome(
  records: ToolCallRecords,
  facts: { name: string; callArguments: string; result: string | null },
): Outcome {
  if (endOf(records.record) === null) return notYet;
  const sent = records.record.event?.fingerprint;
  if (sent !== undefined) return { ...notYet, class: sent.outcome };
  const { name, callArguments, result } = facts;
  return classifyOutcome({
    toolName: name,
    arguments: callArguments,
    result,
    reportedError: toolError(records),
  });
}

export function deriveToolStep(run: RunAssembly, records: ToolCallRecords): DerivedStep {
  const { record, call } = records;
  const end = endOf(record);
  const name = toolName(records);
  const callArguments = argumentsOf(records);
  const result = toolFact(records, "result") ?? call?.result ?? null;
  return {
    ...frame(run, record.place),
    stepId: keysOf(record).stepId,
    kind: "tool",
    name,
    state: end === null ? "running" : "ended",
    startMs: startMsOf(record),
    endMs: end === null ? null : end.endMs,
    outcome: toolOutcome(records, { name, callArguments, result }),
    model: null,
    tool: {
      callId: toolFact(records, "callId") ?? call?.callId ?? null,
      arguments: callArguments,
      result,
      traits: record.traits,
    },
    ...sentBy(record),
  };
}

/** A tool call that only messages tell of. */
export function deriveSyntheticStep(run: RunAssembly, call: RequestedCall, asker: Place): DerivedStep {
  const error = call.isError ? { type: null, message: null } : null;
  const facts = { toolName: call.name, arguments: call.arguments, result: call.result, reportedError: error };
  return {
    ...frame(run, asker),
    synthetic: true,
    stepId: call.stepId,
    kind: "tool",
    name: call.name,
    state: "ended",
    startMs: call.requestedAtMs,
    endMs: Math.max(call.requestedAtMs, call.answeredAtMs ?? call.requestedAtMs),
    outcome: classifyOutcome(facts),
    model: null,
    tool: { callId: call.callId, arguments: call.arguments, result: call.result, traits: {} },
  };
}

/** A step without a span that turned out to be none. */
export function withdrawnStep(
  run: RunAssembly,
  place: Place,
  step: Pick<DerivedStep, "stepId" | "name" | "startMs">,
): DerivedStep {
  return {
    ...frame(run, place),
    ...step,
    retracted: true,
    synthetic: true,
    kind: "tool",
    state: "ended",
    endMs: step.startMs,
    outcome: notYet,
    model: null,
    tool: { callId: null, arguments: "", result: null, traits: {} },
  };
}
