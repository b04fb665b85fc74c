import { type Observation, type ObservationOf, topic } from "@plumbline/contracts";
import {
  type LoggedMessages,
  type ModelEnd,
  type ModelRecord,
  type Place,
  recordKey,
  type StepRecord,
  type ToolEnd,
  type ToolRecord,
} from "./assembly-state.ts";

export type StepObservation = ObservationOf<
  "model-call-start" | "model-call-end" | "tool-call-start" | "tool-call-end" | "message-content"
>;

export function isStepObservation(observation: Observation): observation is StepObservation {
  return (
    observation.kind === "model-call-start" ||
    observation.kind === "model-call-end" ||
    observation.kind === "tool-call-start" ||
    observation.kind === "tool-call-end" ||
    observation.kind === "message-content"
  );
}

function placeOf(observation: StepObservation): Place {
  const { traceId, spanId, parentSpanId, agentName, service, dialect } = observation;
  return { traceId, spanId, parentSpanId, agentName, service, dialect };
}

export function newModelRecord(place: Place): ModelRecord {
  return {
    kind: "model",
    place,
    start: null,
    event: null,
    span: null,
    startPrompt: null,
    spanPrompt: null,
    logged: [],
    loggedPrompt: null,
  };
}

function newToolRecord(place: Place): ToolRecord {
  return { kind: "tool", place, start: null, event: null, span: null, traits: {} };
}

/** Agent events say the run's own agent name and dialect; spans know their parent. Either fills what the other lacks. */
function mergedPlace(before: Place, observation: StepObservation): Place {
  const next = placeOf(observation);
  const eventsFirst = before.dialect === "plumbline" || next.dialect !== "plumbline";
  const [first, second] = eventsFirst ? [before, next] : [next, before];
  return {
    traceId: before.traceId,
    spanId: before.spanId,
    parentSpanId: first.parentSpanId === "" ? second.parentSpanId : first.parentSpanId,
    agentName: first.agentName === "" ? second.agentName : first.agentName,
    service: first.service === "" ? second.service : first.service,
    dialect: observation.kind === "message-content" ? before.dialect : first.dialect,
  };
}

const isSpan = (observation: StepObservation): boolean => observation.source.topic === topic.spans;

function modelEnd(observation: ObservationOf<"model-call-end">): ModelEnd {
  return {
    provider: observation.provider,
    requestModel: observation.requestModel,
    responseModel: observation.responseModel,
    responseId: observation.responseId,
    output: observation.output,
    finishReasons: observation.finishReasons,
    usage: observation.usage,
    reportedCostMicroUsd: observation.reportedCostMicroUsd,
    error: observation.error,
    startMs: observation.startMs,
    endMs: observation.endMs,
    ...(observation.fingerprint === undefined ? {} : { fingerprint: observation.fingerprint }),
  };
}

function toolEnd(observation: ObservationOf<"tool-call-end">): ToolEnd {
  const { toolName, callId, result, error, startMs, endMs, fingerprint } = observation;
  const told = { toolName, callId, arguments: observation.arguments, result, error, startMs, endMs };
  return fingerprint === undefined ? told : { ...told, fingerprint };
}

/** Log records of one call beyond this many are left out. */
const maxLogged = 1_000;

function logged(observation: ObservationOf<"message-content">): LoggedMessages {
  const { direction, messages, finishReasons, atMs, source, observationId } = observation;
  return { direction, messages, finishReasons, order: [atMs, source.offset, source.index, observationId] };
}

function byOrder({ order: first }: LoggedMessages, { order: second }: LoggedMessages): number {
  for (const [index, value] of first.entries()) {
    const other = second[index] ?? 0;
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

function absorbIntoModel(record: ModelRecord, observation: StepObservation): ModelRecord {
  const place = mergedPlace(record.place, observation);
  if (observation.kind === "model-call-start") {
    const { provider, requestModel, atMs } = observation;
    return { ...record, place, start: record.start ?? { provider, requestModel, startMs: atMs } };
  }
  if (observation.kind === "model-call-end") return absorbEnd({ ...record, place }, observation);
  if (observation.kind !== "message-content") return record;
  const entry = logged(observation);
  const isKnown = record.logged.some((other) => other.order[3] === entry.order[3]);
  if (isKnown || isToldBySpan(record, entry) || record.logged.length >= maxLogged) return record;
  return { ...record, place, logged: [...record.logged, entry].toSorted(byOrder) };
}

function absorbEnd(record: ModelRecord, observation: ObservationOf<"model-call-end">): ModelRecord {
  const end = modelEnd(observation);
  if (!isSpan(observation)) return { ...record, event: record.event ?? end };
  const hasInput = observation.inputMessages !== null;
  const next = { ...record, span: record.span ?? end };
  const needed = record.logged.filter((entry) =>
    entry.direction === "input" ? !hasInput : !hasOutput(next),
  );
  return { ...next, logged: needed, loggedPrompt: hasInput ? null : record.loggedPrompt };
}

const hasOutput = ({ span }: ModelRecord): boolean =>
  span !== null && span.output !== null && span.output.length > 0;

/** Content that came with the span as well need not be kept twice. */
function isToldBySpan(record: ModelRecord, { direction }: LoggedMessages): boolean {
  return direction === "input" ? record.spanPrompt !== null : hasOutput(record);
}

function absorbIntoTool(record: ToolRecord, observation: StepObservation): ToolRecord {
  const place = mergedPlace(record.place, observation);
  if (observation.kind === "tool-call-start") {
    const { toolName, callId, traits, atMs } = observation;
    const start = { toolName, callId, arguments: observation.arguments, startMs: atMs };
    return { ...record, place, start: record.start ?? start, traits: { ...record.traits, ...traits } };
  }
  if (observation.kind !== "tool-call-end") return record;
  const end = toolEnd(observation);
  const traits = { ...observation.traits, ...record.traits };
  return isSpan(observation)
    ? { ...record, place, traits, span: record.span ?? end }
    : { ...record, place, traits, event: record.event ?? end };
}

const kindOf = (observation: StepObservation): StepRecord["kind"] =>
  observation.kind === "tool-call-start" || observation.kind === "tool-call-end" ? "tool" : "model";

/** The record with what the observation says put in its place. Two kinds for one span can't both be right: the first stays. */
export function absorb(before: StepRecord | undefined, observation: StepObservation): StepRecord | undefined {
  const place = placeOf(observation);
  const kind = kindOf(observation);
  const record = before ?? (kind === "model" ? newModelRecord(place) : newToolRecord(place));
  if (record.kind !== kind) return undefined;
  return record.kind === "model" ? absorbIntoModel(record, observation) : absorbIntoTool(record, observation);
}

export const keyOf = (observation: StepObservation): string => recordKey(observation);
