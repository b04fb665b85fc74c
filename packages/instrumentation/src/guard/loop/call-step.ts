import { type Message, messageOf, noUsage, type Step } from "@plumbline/contracts";
import type { RunRecord } from "../../run/run-record.ts";
import type { ToolCallUnderWay, ToolOutcome } from "../../tool/tool-stage.ts";
import type { Detection } from "../load-detection.ts";

/** What a step of this process is beside its content. */
export interface StepPlace {
  run: RunRecord;
  sequence: number;
  startMs: number;
  endMs: number;
}

const unknownOutcome = { class: "unknown", evidence: null, errorType: null, message: null } as const;

function base({ run, sequence, startMs, endMs }: StepPlace, stepId: string) {
  const [traceId = "", spanId = ""] = stepId.split(".", 2);
  return {
    version: 1,
    tenantId: run.directive.tenantId,
    runId: run.runId,
    stepId,
    sequence,
    revision: 0,
    retracted: false,
    agentName: run.agentName,
    service: "",
    traceId,
    spanId,
    parentSpanId: "",
    synthetic: false,
    state: "ended",
    startMs,
    endMs,
    dialect: "plumbline",
  } as const;
}

/** A tool call of this process as the analyzer would see it. */
export function toolStepOf(
  place: StepPlace,
  { call, outcome }: { call: ToolCallUnderWay; outcome: ToolOutcome },
  detection: Detection,
): Step {
  const { toolName, argumentsText, callId, tool, learned } = call;
  const reportedError =
    outcome.error === undefined ? null : { type: null, message: messageOf(outcome.error) };
  const facts = { toolName, arguments: argumentsText, result: outcome.text, reportedError };
  return {
    ...base(place, learned.stepId),
    kind: "tool",
    name: toolName,
    outcome: detection.classifyOutcome(facts),
    model: null,
    tool: { callId, arguments: argumentsText, result: outcome.text, traits: tool?.traits ?? {} },
  };
}

/** A model call of this process, as far as loops show in it: what people said since, and what it answered. */
export function modelStepOf(
  place: StepPlace,
  said: { stepId: string; model: string; heard: Message[]; output: Message[] },
): Step {
  const { stepId, model, heard, output } = said;
  return {
    ...base(place, stepId),
    kind: "model",
    name: model,
    outcome: { ...unknownOutcome, class: "ok" },
    tool: null,
    model: {
      provider: "",
      requestModel: model,
      responseModel: null,
      usage: noUsage,
      costMicroUsd: null,
      finishReasons: [],
      newInputMessages: heard,
      inputMessageCount: heard.length,
      output,
    },
  };
}
