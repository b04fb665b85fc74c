import { type AgentEvent, type AgentEventOf, eventName } from "@plumbline/contracts";
import type { ObservationContent } from "../observation-content.ts";

function stepStart(event: AgentEventOf<"plumbline.step.start">): ObservationContent {
  const { step, parentSpanId, startMs } = event;
  const place = { parentSpanId, atMs: startMs };
  if (step.kind === "model") return { ...step, ...place, kind: "model-call-start" };
  return { ...step, ...place, kind: "tool-call-start" };
}

function stepEnd(event: AgentEventOf<"plumbline.step.end">): ObservationContent {
  const { step, parentSpanId, startMs, endMs, error } = event;
  const place = { parentSpanId, startMs, endMs, error, atMs: endMs };
  if (step.kind === "tool") {
    const { toolName, callId, result, fingerprint } = step;
    return {
      kind: "tool-call-end",
      ...place,
      toolName,
      callId,
      arguments: null,
      result,
      traits: {},
      ...(fingerprint === undefined ? {} : { fingerprint }),
    };
  }
  return {
    kind: "model-call-end",
    ...place,
    provider: step.provider,
    requestModel: step.requestModel,
    responseModel: step.responseModel,
    responseId: step.responseId,
    previousResponseId: null,
    systemInstructions: null,
    inputMessages: null,
    inputOffset: 0,
    inputMessageCount: 0,
    output: step.output,
    finishReasons: step.finishReasons,
    usage: step.usage,
    reportedCostMicroUsd: null,
    ...(step.fingerprint === undefined ? {} : { fingerprint: step.fingerprint }),
  };
}

function runStart(event: AgentEventOf<"plumbline.run.start">): ObservationContent {
  const { goal, parentRunId, instanceId, limits, onPause, onControlLost, queued, goalFingerprint } = event;
  return {
    kind: "run-start",
    goal,
    parentRunId,
    instanceId,
    limits,
    onPause,
    onControlLost,
    queued,
    ...(goalFingerprint === undefined ? {} : { goalFingerprint }),
  };
}

function guardFinding(event: AgentEventOf<"plumbline.guard.finding">): ObservationContent {
  const { kind: findingKind, guard, signature, summary, intervention, confidence } = event;
  const { steps, revision, atMs } = event;
  const finding = { findingKind, guard, signature, summary, intervention, confidence };
  return { kind: "guard-finding", ...finding, steps, revision, atMs };
}

type ObservedEvent = Exclude<AgentEvent, AgentEventOf<"plumbline.audit">>;
type Readers = {
  [Name in ObservedEvent["name"]]: (event: AgentEventOf<Name>) => ObservationContent;
};

const readers: Readers = {
  [eventName.runStart]: runStart,
  [eventName.runEnd]: ({ status, stopReason, message, output }) => ({
    kind: "run-end",
    status,
    stopReason,
    message,
    output,
  }),
  [eventName.runState]: ({ from, to, stopReason, message, phase, atMs }) => ({
    kind: "run-state",
    from,
    to,
    stopReason,
    message,
    phase,
    atMs,
  }),
  [eventName.guardFinding]: guardFinding,
  [eventName.stepStart]: stepStart,
  [eventName.stepEnd]: stepEnd,
  [eventName.heartbeat]: ({ instanceId, openSteps }) => ({ kind: "heartbeat", instanceId, openSteps }),
  [eventName.ack]: ({ ack }) => ({ kind: "ack", ack }),
  [eventName.checkpoint]: ({ checkpoint }) => ({ kind: "checkpoint", checkpoint }),
  [eventName.approvalRequest]: ({ request }) => ({ kind: "approval-request", request }),
};

/** An agent event as the content of its observation; audit records are no observations. */
export function contentOfEvent(event: ObservedEvent): ObservationContent {
  const read = readers[event.name] as (event: ObservedEvent) => ObservationContent;
  return read(event);
}
